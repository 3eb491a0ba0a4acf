"""Operations in the words of netsh, PowerShell and load balancers, and such lines read back."""
