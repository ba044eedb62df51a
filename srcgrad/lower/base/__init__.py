"""Programs on their way, facts about arguments, small tools for trees."""
