echo the script beside {{ ds }}
