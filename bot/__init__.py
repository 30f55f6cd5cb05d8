"""The door for families and activists on Telegram; it talks to services, never to tables or pages."""
