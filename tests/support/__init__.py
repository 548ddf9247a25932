"""What several tests use: the command, repositories, servers on loopback."""
