"""The whole product on one machine: a GitHub on loopback, the bot, two people, and what they ask for."""
