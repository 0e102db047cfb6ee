"""What runs before and around Django: installing, the embedded servers, the supervisor. Standard library only."""
