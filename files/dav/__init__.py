"""Cards' folders in the desktop's file manager and in Office, over WebDAV, with the same rights (R-263, R-511)."""
