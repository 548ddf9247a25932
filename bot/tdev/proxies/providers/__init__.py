"""Who answers for the model: one file each."""
