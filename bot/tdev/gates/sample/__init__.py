"""The optional gate: a sample of tasks in the form of SWE-bench, asked only where the policy names one."""
