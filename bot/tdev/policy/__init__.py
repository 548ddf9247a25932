"""What a repository allows: models of policies/default.yml and .github/tdev.yml, and their pure evaluation.

model.py says which keys there are; document.py and check.py turn a file's text into values or into errors that name
line and key; adapters/policy_file.py reads the file and lays it over the defaults.
write_scope.py and patch_size.py answer questions about a change. The gates' bars are read by the gates themselves.
"""
