"""Rules for AppLocker and software restriction policies from installers and programs: what they are, who signed them, which hash Windows asks for."""
