using Xunit;
using static TorchSharp.torch;

namespace Torch.Tests.Tensors;

public sealed class LinearAlgebraTests
{
    private static Tensor Spd => tensor(new double[,] { { 4, 2 }, { 2, 3 } });

    [Fact]
    public void Products()
    {
        using var a = tensor(new double[,] { { 1, 2 }, { 3, 4 } });
        Check.Close([7, 10, 15, 22], a.matmul(a));
        Check.Close([7, 10, 15, 22], a.mm(a));
        Check.Close([5, 11], a.mv(tensor([1.0, 2.0])));
        Check.Close([5], tensor([1.0, 2.0]).dot(tensor([1.0, 2.0])));
        Check.Close([5], einsum("i,i->", tensor([1.0, 2.0]), tensor([1.0, 2.0])));
        Check.Close([1, 2, 2, 4], outer(tensor([1.0, 2.0]), tensor([1.0, 2.0])));
        Check.Shape(ones(3, 2, 4).bmm(ones(3, 4, 5)), 3, 2, 5);
    }

    [Fact]
    public void Cholesky_and_triangular_solves()
    {
        using var factor = linalg.cholesky(Spd);
        Check.Close([4, 2, 2, 3], factor.matmul(factor.mT));
        using var right = tensor(new double[,] { { 1 }, { 2 } });
        using var solution = linalg.solve_triangular(factor, right, upper: false);
        Check.Close([1, 2], factor.matmul(solution), 1e-9);
        Check.Close([1, 2], Spd.matmul(linalg.solve(Spd, right)), 1e-9);
    }

    [Fact]
    public void Determinants_inverses_and_eigenvalues()
    {
        Check.Close([8], linalg.det(Spd), 1e-9);
        Check.Close([1, 0, 0, 1], Spd.matmul(linalg.inv(Spd)), 1e-9);
        var (sign, logarithm) = linalg.slogdet(Spd);
        Check.Close([1], sign);
        Check.Close([Math.Log(8)], logarithm, 1e-9);
        var (values, _) = linalg.eigh(Spd);
        Check.Close([(7 - Math.Sqrt(17)) / 2, (7 + Math.Sqrt(17)) / 2], values, 1e-9);
        var (u, s, vh) = linalg.svd(Spd);
        Check.Close([4, 2, 2, 3], u.matmul(s.diag()).matmul(vh), 1e-9);
        var (q, r) = linalg.qr(Spd);
        Check.Close([4, 2, 2, 3], q.matmul(r), 1e-9);
        Check.Close([5], linalg.vector_norm(tensor([3.0, 4.0])));
    }
}
