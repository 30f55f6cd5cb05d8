"""What every page shares: who may see it, its headers, its frame, its errors."""
