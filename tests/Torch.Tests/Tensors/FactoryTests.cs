using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class FactoryTests
{
    [Fact]
    public void Numbers_keep_their_own_element_type()
    {
        Assert.Equal(ScalarType.Float64, tensor(5.0).dtype);
        Assert.Equal(ScalarType.Float32, tensor(5f).dtype);
        Assert.Equal(ScalarType.Int32, tensor(5).dtype);
        Assert.Equal(ScalarType.Int64, tensor(5L).dtype);
        Assert.Equal(ScalarType.Bool, tensor(true).dtype);
        Assert.Equal(0, tensor(5.0).ndim);
        Assert.Equal(ScalarType.Float32, tensor(5.0, dtype: float32).dtype);
    }

    [Fact]
    public void A_double_scalar_tensor_does_not_widen_a_float_tensor() =>
        Assert.Equal(ScalarType.Float32, (ones(3) * tensor(2.0)).dtype);

    [Fact]
    public void Arrays_give_their_shape_and_elements()
    {
        using var matrix = tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Check.Shape(matrix, 2, 3);
        Check.Close([1, 2, 3, 4, 5, 6], matrix);
        using var reshaped = tensor(new[] { 1.0, 2, 3, 4 }, [2, 2], dtype: float32);
        Check.Shape(reshaped, 2, 2);
        Assert.Equal(ScalarType.Float32, reshaped.dtype);
    }

    [Fact]
    public void A_tensor_does_not_share_its_array()
    {
        var array = new[] { 1f, 2f };
        using var copied = tensor(array);
        array[0] = 9;
        Check.Close([1, 2], copied);
    }

    [Fact]
    public void A_shape_larger_than_its_array_is_refused() =>
        Assert.Throws<ArgumentException>(() => tensor(new[] { 1f, 2f }, [3]));

    [Fact]
    public void Shapes_come_as_ints_longs_arrays_and_spans()
    {
        Check.Shape(zeros(2, 3), 2, 3);
        Check.Shape(zeros(2L, 3L), 2, 3);
        Check.Shape(zeros(new long[] { 2, 3 }), 2, 3);
        ReadOnlySpan<long> span = [2, 3];
        Check.Shape(zeros(span), 2, 3);
        Assert.Equal(ScalarType.Float32, zeros(2).dtype);
        Assert.Equal(ScalarType.Float64, ones(2, dtype: float64).dtype);
        Check.Close([7, 7], full(2, 7.0));
        Assert.Equal(ScalarType.Int64, full(2, 7).dtype);
    }

    [Fact]
    public void Ranges_take_their_type_from_their_ends()
    {
        Assert.Equal(ScalarType.Int64, arange(5).dtype);
        Assert.Equal(ScalarType.Float32, arange(0.0, 1.0, 0.5).dtype);
        Check.Close([0, 0.25, 0.5, 0.75, 1], linspace(0, 1, 5));
        Check.Close([1, 0, 0, 1], eye(2));
    }

    [Fact]
    public void Like_tensors_take_over_type_and_shape()
    {
        using var source = ones(2, 2, dtype: float64);
        Assert.Equal(ScalarType.Float64, zeros_like(source).dtype);
        Check.Shape(source.new_zeros(3), 3);
        Check.Close([4, 4, 4, 4], full_like(source, 4.0));
    }

    [Fact]
    public void Conversions_read_single_elements()
    {
        Assert.Equal(2.5f, tensor(2.5f).item<float>());
        Assert.Equal(2.5, tensor(2.5f).ToDouble());
        Assert.Equal(2, tensor(2.5).ToInt32());
        Assert.Equal(3L, tensor(3).ToInt64());
        Assert.True(tensor(true).ToBoolean());
        Assert.Equal(2.5, (double)tensor(2.5));
        Assert.Throws<ArgumentException>(() => tensor(2.5f).item<double>());
        Assert.Throws<ArgumentException>(() => ones(2).item<float>());
    }

    [Fact]
    public void Accessors_follow_strides()
    {
        using var transposed = arange(6).reshape(2, 3).t();
        Assert.Equal([0L, 3, 1, 4, 2, 5], transposed.data<long>().ToArray());
        Assert.Equal(4L, transposed.data<long>()[1, 1]);
    }
}
