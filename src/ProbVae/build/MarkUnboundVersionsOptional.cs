using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies an ELF library and marks as optional (VER_FLG_WEAK) each version of libstdc++ that this machine lacks and that the library
/// needs for GCC 13's marker alone. Symbol versioning: Linux Standard Base Core 5.0, section 10.7.
/// </summary>
public sealed class MarkUnboundVersionsOptional : Task
{
    private const string Library = "libstdc++.so.6";

    // An empty function of GCC 13's <iostream>: a reference to it makes the linker ask for the newer library, and nothing calls it.
    private const string Marker = "_ZSt21ios_base_library_initv";

    private byte[] _bytes;

    /// <summary>The library as its package has it.</summary>
    public string Source { get; set; }

    /// <summary>Where the copy goes.</summary>
    public string Destination { get; set; }

    /// <summary>Whether the versions are marked even where this machine has them.</summary>
    public bool Always { get; set; }

    public override bool Execute()
    {
        _bytes = File.ReadAllBytes(Source);
        try
        {
            var marked = Mark();
            Log.LogMessage(MessageImportance.Low, "{0}: optional versions: {1}.", Source, marked.Count == 0 ? "none" : string.Join(", ", marked));
        }
        catch (Exception exception) when (exception is ArgumentException || exception is IndexOutOfRangeException)
        {
            // Another layout than today's: the library stays as it is, and loading it says what is wrong.
            _bytes = File.ReadAllBytes(Source);
            Log.LogMessage("{0} is no ELF library that this task knows, so it is copied unchanged.", Source);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        // A new file by its name at once: an output may have a link to the old one.
        var half = Destination + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(half, _bytes);
        File.Delete(Destination);
        File.Move(half, Destination);
        return true;
    }

    private List<string> Mark()
    {
        var marked = new List<string>();
        var sections = Sections();
        var needs = sections.SingleOrDefault(section => section.Type == 0x6ffffffe);
        var versions = sections.SingleOrDefault(section => section.Type == 0x6fffffff);
        if (needs == null || versions == null)
        {
            return marked;
        }

        var symbols = sections[versions.Link];
        var present = Always ? string.Empty : VersionsOfThisMachine();
        var need = needs.Offset;
        for (var left = needs.Info; left > 0; left--, need += UInt32(need + 12))
        {
            if (Text(sections[needs.Link].Offset + UInt32(need + 4)) != Library)
            {
                continue;
            }

            var version = need + UInt32(need + 8);
            for (var count = UInt16(need + 2); count > 0; count--, version += UInt32(version + 12))
            {
                var name = Text(sections[needs.Link].Offset + UInt32(version + 8));
                var bound = Enumerable.Range(0, symbols.Size / 24)
                    .Where(i => (UInt16(versions.Offset + 2 * i) & 0x7fff) == UInt16(version + 6))
                    .Select(i => Text(sections[symbols.Link].Offset + UInt32(symbols.Offset + 24 * i)));
                if (bound.SequenceEqual(new[] { Marker }) && !present.Contains("\0" + name + "\0"))
                {
                    _bytes[version + 4] |= 2;
                    marked.Add(name);
                }
            }
        }

        return marked;
    }

    // The build runs on .NET, whose runtime has libstdc++ loaded: the very file that the program will load.
    private static string VersionsOfThisMachine()
    {
        var loaded = File.ReadLines("/proc/self/maps").Select(line => line.Substring(line.LastIndexOf(' ') + 1)).FirstOrDefault(path => path.Contains("/" + Library));
        var usual = new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib" }.Select(folder => Path.Combine(folder, Library));
        var file = new[] { loaded }.Concat(usual).FirstOrDefault(path => path != null && File.Exists(path));
        return file == null ? string.Empty : Encoding.GetEncoding("ISO-8859-1").GetString(File.ReadAllBytes(file));
    }

    private List<Section> Sections()
    {
        var littleEndian64 = new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 };
        if (!_bytes.Take(6).SequenceEqual(littleEndian64))
        {
            throw new ArgumentException("no ELF of 64 bits");
        }

        var table = (int)BitConverter.ToInt64(_bytes, 0x28);
        return Enumerable.Range(0, UInt16(0x3c)).Select(i => table + i * UInt16(0x3a)).Select(header => new Section
        {
            Type = UInt32(header + 4),
            Offset = (int)BitConverter.ToInt64(_bytes, header + 24),
            Size = (int)BitConverter.ToInt64(_bytes, header + 32),
            Link = UInt32(header + 40),
            Info = UInt32(header + 44),
        }).ToList();
    }

    private int UInt16(int offset) => BitConverter.ToUInt16(_bytes, offset);

    private int UInt32(int offset) => (int)BitConverter.ToUInt32(_bytes, offset);

    private string Text(int offset) => Encoding.ASCII.GetString(_bytes, offset, Array.IndexOf(_bytes, (byte)0, offset) - offset);

    private sealed class Section
    {
        public int Type;
        public int Offset;
        public int Size;
        public int Link;
        public int Info;
    }
}
