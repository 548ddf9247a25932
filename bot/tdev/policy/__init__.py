"""What a repository allows: models of policies/default.yml and .github/tdev.yml, and their pure evaluation."""
