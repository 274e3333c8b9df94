"""What a mail is: reading, classing, stripping, writing, carrying. `channels/email.py` joins these to a channel."""
