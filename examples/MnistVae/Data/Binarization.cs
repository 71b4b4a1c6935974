namespace MnistVae.Data;

/// <summary>How grey pixels become the zeros and ones a Bernoulli likelihood is about.</summary>
public enum Binarization
{
    /// <summary>Every pixel is drawn anew, with its grey level as probability, each time an image is shown.</summary>
    Dynamic,

    /// <summary>The pixels are zeros and ones once and for all.</summary>
    Static,

    /// <summary>The pixels stay grey levels in [0, 1].</summary>
    None,
}
