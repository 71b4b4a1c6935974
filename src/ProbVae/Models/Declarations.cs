namespace ProbVae;

/// <summary>The sites that the fluent form declared, and the plates of each.</summary>
internal sealed record Declarations<TData>(IReadOnlyList<SiteHandle> Sites, IReadOnlyDictionary<Latent, IReadOnlyList<PlateDeclaration<TData>>> LatentPlates);

/// <summary>A plate whose sizes depend on the data.</summary>
internal sealed record PlateDeclaration<TData>(string Name, Func<TData, long> Total, Func<TData, long> Batch, int? Axis)
{
    /// <summary>Does something inside plates, the first of them the outermost.</summary>
    public static void Inside(IReadOnlyList<PlateDeclaration<TData>> plates, Run run, TData data, Action action)
    {
        if (plates.Count == 0)
        {
            action();
            return;
        }

        var entered = plates.Select(plate => run.Plate(plate.Name, plate.Total(data), plate.Batch(data), plate.Axis)).ToArray();
        action();
        foreach (var plate in entered.Reverse())
        {
            plate.Dispose();
        }
    }
}
