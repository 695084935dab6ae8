"""Rules that join others (`all_of`, `any_of`): what they are made of, how verdicts become one, what components say."""
