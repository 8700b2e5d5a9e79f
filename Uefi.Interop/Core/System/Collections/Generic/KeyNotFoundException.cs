namespace System.Collections.Generic;

public class KeyNotFoundException(string? message) : SystemException(message);
