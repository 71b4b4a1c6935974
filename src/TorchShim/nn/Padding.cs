namespace TorchSharp;

/// <summary>A convolution's padding named by its effect on the size.</summary>
public enum Padding
{
    Valid = 0,
    Same = 1,
}
