"""What is planted in a demonstration warehouse, held against what the rules would have told of it."""
