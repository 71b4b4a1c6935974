using System.Collections.Immutable;

namespace ProbVae.Reports;

/// <summary>How every report and drawing looks. The colours keep apart for those who see red and green alike; in the dark they are lighter.</summary>
internal static class StyleSheet
{
    private const string Page = """

        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1120px;margin:0 auto;padding:1.5rem 1rem 4rem}
        h1{font-size:1.7rem;line-height:1.2;margin:.3rem 0}
        h2{font-size:1.2rem;margin:2.4rem 0 .7rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
        p{margin:.5rem 0;max-width:75ch}
        header p{color:var(--soft)}
        nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin-top:.8rem;font-size:.92rem}
        a{color:var(--c0)}
        pre{background:var(--shade);padding:.8rem 1rem;border-radius:6px;overflow-x:auto;font-size:.85rem;line-height:1.45}
        .wraps{white-space:pre-wrap;overflow-wrap:break-word}
        dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.15rem 1.5rem;margin:.5rem 0}
        dl div{display:flex;justify-content:space-between;gap:1rem;border-bottom:1px solid var(--line);padding:.15rem 0}
        dt{color:var(--soft)}
        dd{margin:0;text-align:right;min-width:0;max-width:75%;overflow-wrap:break-word;flex:none}
        .scroll{overflow-x:auto;margin:.6rem 0}
        table{border-collapse:collapse;font-size:.9rem}
        th,td{padding:.3rem .8rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
        th{color:var(--soft);font-weight:600;white-space:nowrap}
        td.text{white-space:nowrap}
        td.long{white-space:normal;min-width:12rem}
        .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .row{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:1rem;align-items:start;margin:.6rem 0}
        figure{margin:.6rem 0;padding:.8rem;background:var(--card);border:1px solid var(--line);border-radius:8px;min-width:0}
        .row>figure{margin:0;max-width:640px}
        figcaption{font-weight:600;font-size:.95rem;margin-bottom:.4rem}
        figure img{display:block;max-width:100%;height:auto;margin:0 auto;border-radius:4px}
        img+figcaption{margin:.5rem 0 0;font-weight:400;color:var(--soft)}
        figure>svg{display:block;width:100%;height:auto}
        section>.chart{max-width:640px}
        .graph>svg{margin:0 auto}
        .note{font-size:.85rem;color:var(--soft);margin:.3rem 0 0}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem .9rem;margin:.3rem 0 0;padding:0;font-size:.85rem}
        .legend li{display:flex;align-items:center;gap:.35rem}
        .key{width:24px;height:12px;flex:none}
        @media (max-width:560px){.chart text{font-size:15px}.chart .label{font-size:16px}}
        @media print{body{background:#fff;font-size:11pt}main{max-width:none;padding:0}figure,tr{break-inside:avoid}h2{break-after:avoid}nav{display:none}}

        """;

    private const string Drawing = """

        text{font-size:12px;fill:var(--soft);font-variant-numeric:tabular-nums}
        .middle{text-anchor:middle}
        .end{text-anchor:end}
        .label{font-size:13px;fill:var(--ink)}
        .name{font-size:14px;fill:var(--ink);font-weight:600}
        .grid{stroke:var(--line);stroke-width:.7}
        .axis{stroke:var(--soft)}
        .line{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round}
        .mark,.dot,.bar{fill:currentColor}
        .mark:hover{r:5px}
        .dot{fill-opacity:.8}
        .band{fill:currentColor;fill-opacity:.2}
        .level{stroke:var(--ink);stroke-width:1.1}
        .faint{color:var(--line)}
        .node{fill:var(--card);stroke:var(--ink)}
        .observed{fill:var(--observed)}
        .computed{stroke-dasharray:4 3}
        .plate{fill:none;stroke:var(--soft)}
        .edge{fill:none;stroke:var(--ink)}
        .unknown{stroke-dasharray:2 3}
        .tip{fill:var(--ink)}

        """;

    // Of what a page has in elements of its own and a file has to draw.
    private const string Sheet = """
        svg{font-family:system-ui,sans-serif}
        .sheet{fill:var(--card);stroke:var(--line)}
        .title{font-size:15px;font-weight:600;fill:var(--ink)}
        .entry{fill:var(--ink)}

        """;

    private static readonly ImmutableArray<(string Name, string Light, string Dark)> s_colours =
    [
        ("paper", "#fdfdfc", "#14171b"), ("ink", "#1f2328", "#e6e8eb"), ("soft", "#59636e", "#a0a8b2"),
        ("line", "#d5d9de", "#363c44"), ("card", "#ffffff", "#1b1f24"), ("shade", "#f1f3f5", "#242a31"),
        ("observed", "#d3d7dc", "#39414a"), ("c0", "#0072b2", "#4aa8e8"), ("c1", "#d55e00", "#f58a3c"),
        ("c2", "#009e73", "#35c79b"), ("c3", "#b8569a", "#e39ccb"), ("c4", "#c98a00", "#f0c04a"),
        ("c5", "#3f9bd8", "#9bd1f5"), ("c6", "#882255", "#d4658f"), ("c7", "#8a8a1c", "#c9c95a"),
        ("c8", "#332288", "#9a8cf0"), ("c9", "#6b7076", "#b4bac2"),
    ];

    /// <summary>Of a page: its colours are variables.</summary>
    public static string OfPage { get; } = string.Concat(
        $":root{{{Variables(isDark: false)}}}\n@media (prefers-color-scheme:dark){{:root{{{Variables(isDark: true)}}}}}", Drawing, Series, Page);

    /// <summary>Of a drawing in a file of its own: each colour is written out, as not every program that shows SVG knows variables.</summary>
    public static string OfDrawing { get; } = string.Concat(
        WrittenOut(isDark: false), "@media (prefers-color-scheme:dark){", WrittenOut(isDark: true), "}\n");

    private static string Series => string.Concat(Enumerable.Range(0, ChartFrame.Colours).Select(i => $".c{i}{{color:var(--c{i})}}")) + "\n";

    private static string Variables(bool isDark) => string.Join(';', s_colours.Select(colour => $"--{colour.Name}:{(isDark ? colour.Dark : colour.Light)}"));

    private static string WrittenOut(bool isDark) =>
        s_colours.Aggregate(Drawing + Series + Sheet, (rules, colour) => rules.Replace($"var(--{colour.Name})", isDark ? colour.Dark : colour.Light, StringComparison.Ordinal));
}
