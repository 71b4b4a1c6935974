using System;
using System.Globalization;
using System.Text;

namespace TorchSharp;

public static partial class torch
{
    public static TensorStringStyle TensorStringStyle { get; set; } = TensorStringStyle.Julia;
    public static readonly TensorStringStyle csharp = TensorStringStyle.CSharp;
    public static readonly TensorStringStyle julia = TensorStringStyle.Julia;
    public static readonly TensorStringStyle numpy = TensorStringStyle.Numpy;

    public partial class Tensor
    {
        public override string ToString() => handle == 0 ? "[disposed]" : Metadata();

        public string ToString(bool disamb, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string newLine = "") =>
            disamb ? ToString(TensorStringStyle, fltFormat, width, cultureInfo, newLine) : ToString();

        public string ToString(TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string newLine = "")
        {
            if (style == TensorStringStyle.Metadata || device_type == DeviceType.META) return Metadata();
            var text = new StringBuilder(style == TensorStringStyle.Numpy ? "" : Metadata());
            if (style != TensorStringStyle.Numpy) text.Append(ndim == 0 ? ", value = " : newLine.Length > 0 ? newLine : "\n");
            using var elements = detach().cpu();
            WriteElements(text, elements, fltFormat ?? "G5", cultureInfo ?? CultureInfo.InvariantCulture);
            return text.ToString();
        }

        private string Metadata() => $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        private static void WriteElements(StringBuilder text, Tensor tensor, string format, CultureInfo culture)
        {
            if (tensor.ndim == 0)
            {
                text.Append(ElementText(tensor, format, culture));
                return;
            }

            text.Append('[');
            var size = tensor.shape[0];
            var shown = size <= 10 ? Range(0, size) : [.. Range(0, 5), -1, .. Range(size - 5, 5)];
            foreach (var i in shown)
            {
                if (i != 0) text.Append(tensor.ndim > 1 ? ",\n " : ", ");
                if (i < 0) text.Append("...");
                else
                {
                    using var row = tensor.select(0, i);
                    WriteElements(text, row, format, culture);
                }
            }

            text.Append(']');
        }

        private static string ElementText(Tensor element, string format, CultureInfo culture) =>
            element.is_complex() ? element.ToComplexFloat64().ToString(format, culture)
            : element.is_floating_point() ? element.ToDouble().ToString(format, culture)
            : element.dtype == ScalarType.Bool ? element.ToBoolean() ? "true" : "false"
            : element.ToInt64().ToString(culture);
    }
}

public static partial class TensorExtensionMethods
{
    public static string str(this torch.Tensor tensor, string? fltFormat = null, int? width = null, string newLine = "\n", CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default) =>
        tensor.ToString(style == TensorStringStyle.Default ? torch.TensorStringStyle : style, fltFormat, width, cultureInfo, newLine);

    public static string npstr(this torch.Tensor tensor, string? fltFormat = "g5", int? width = 100, string newLine = "\n", CultureInfo? cultureInfo = null) => tensor.str(fltFormat, width, newLine, cultureInfo, TensorStringStyle.Numpy);
    public static string jlstr(this torch.Tensor tensor, string? fltFormat = "g5", int? width = 100, string newLine = "\n", CultureInfo? cultureInfo = null) => tensor.str(fltFormat, width, newLine, cultureInfo, TensorStringStyle.Julia);
    public static string cstr(this torch.Tensor tensor, string? fltFormat = "g5", int? width = 100, string newLine = "\n", CultureInfo? cultureInfo = null) => tensor.str(fltFormat, width, newLine, cultureInfo, TensorStringStyle.CSharp);
    public static string metastr(this torch.Tensor tensor) => tensor.ToString(TensorStringStyle.Metadata);

    public static torch.Tensor print(this torch.Tensor t, string? fltFormat = "g5", int? width = 100, string newLine = "\n", CultureInfo? cultureInfo = null, TensorStringStyle style = TensorStringStyle.Default)
    {
        Console.WriteLine(t.str(fltFormat, width, newLine, cultureInfo, style));
        return t;
    }
}
