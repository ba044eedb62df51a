"""A network in the manner of scikit-learn: three kinds of iris, told apart by four lengths.

Grid search, pipeline and cross-validation are scikit-learn's. Run it with

    python examples/iris_estimator.py
"""

import numpy as np

from srcgrad.train import Classifier

try:
    from sklearn.datasets import load_iris
    from sklearn.model_selection import GridSearchCV, train_test_split
except ImportError as error:
    raise SystemExit(
        f"{error.name} is missing: this example needs the extra 'sklearn',"
        " pip install 'srcgrad[sklearn]'"
    ) from error


def main():
    """Choose a network by cross-validation, and return its accuracy on flowers it never saw."""
    iris = load_iris()
    names = iris.target_names[iris.target]
    x, x_test, y, y_test = train_test_split(
        iris.data, names, test_size=0.3, random_state=0, stratify=names
    )
    search = GridSearchCV(
        Classifier(epochs=60), {"hidden": [(), (8,), (16, 16)], "rate": [0.01, 0.03]}, cv=3
    )
    search.fit(x, y)
    accuracy = search.score(x_test, y_test)
    print(f"Best of {len(search.cv_results_['params'])} networks: {search.best_estimator_}")
    print(f"Accuracy in the cross-validation: {search.best_score_:.3f}")
    print(f"Accuracy on {len(y_test)} held-out flowers: {accuracy:.3f}")
    for flower, probabilities in zip(x_test[:3], search.predict_proba(x_test[:3]), strict=True):
        words = ", ".join(
            f"{name} {p:.2f}" for name, p in zip(search.classes_, probabilities, strict=True)
        )
        print(f"{np.array2string(flower)}: {words}")
    return accuracy


if __name__ == "__main__":
    main()
