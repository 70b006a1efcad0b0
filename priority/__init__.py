"""Why first: pure, explainable scoring of incidents. Time, chance and files are arguments."""
