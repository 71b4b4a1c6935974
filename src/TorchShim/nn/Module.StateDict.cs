using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Serialization;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Gives the module's own parameters and persistent buffers by their dotted names; no tensor is copied.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= [];
                foreach (var (parameterName, parameter) in named_parameters())
                {
                    destination.TryAdd(Prefixed(prefix, parameterName), parameter);
                }
                foreach (var (bufferName, buffer) in named_buffers(include_nonpersistent: false))
                {
                    destination.TryAdd(Prefixed(prefix, bufferName), buffer);
                }
                // A tensor that two submodules share has an entry under each of its names.
                foreach (var (childName, child) in _internal_submodules)
                {
                    child.state_dict(destination, Prefixed(prefix, childName));
                }
                return destination;
            }

            /// <summary>Copies the values of <paramref name="source"/> into this module's parameters and buffers.</summary>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                var destination = state_dict();
                var missing = KeysWithout(destination, source, skip);
                var unexpected = KeysWithout(source, destination, skip);
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                {
                    throw new InvalidOperationException(
                        $"The state does not match module {GetName()}: it lacks [{string.Join(", ", missing)}] and has the unknown [{string.Join(", ", unexpected)}]. Pass strict: false to load what matches.");
                }
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                foreach (var (key, value) in source)
                {
                    if (destination.TryGetValue(key, out var target) && !Skips(skip, key))
                    {
                        target.copy_(value);
                    }
                }
                return (missing, unexpected);
            }

            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            /// <summary>Writes the state to the stream and, as TorchSharp does, closes it.</summary>
            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
            {
                var entries = sd.Where(entry => !Skips(skip, entry.Key)).ToList();
                writer.WriteLeb128(entries.Count);
                foreach (var (key, tensor) in entries)
                {
                    writer.Write(key);
                    TensorRecord.Write(writer, tensor);
                }
            }

            public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            /// <summary>Reads the state from the stream and, as TorchSharp does, closes it.</summary>
            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                var destination = state_dict();
                var count = reader.ReadLeb128();
                if (strict && count != destination.Count)
                {
                    throw new ArgumentException($"The saved state has {count} entries, but module {GetName()} has {destination.Count}. Pass strict: false to load what matches.", nameof(reader));
                }
                for (var i = 0L; i < count; i++)
                {
                    var key = reader.ReadString();
                    var found = destination.TryGetValue(key, out var target);
                    if (strict && !found)
                    {
                        throw new ArgumentException($"The saved state has an entry '{key}', which module {GetName()} lacks. Pass strict: false to load what matches.", nameof(reader));
                    }
                    if (found && !Skips(skip, key))
                    {
                        TensorRecord.ReadInto(reader, target!);
                    }
                    else
                    {
                        TensorRecord.Skip(reader);
                    }
                    loadedParameters?.Add(key, found);
                }
                return this;
            }

            public static Module Create<T>(string path)
                where T : Module, new() => new T().load(path);

            private static string Prefixed(string? prefix, string key) => string.IsNullOrEmpty(prefix) ? key : $"{prefix}.{key}";

            private static bool Skips(IList<string>? skip, string key) => skip is not null && skip.Contains(key);

            private static List<string> KeysWithout(Dictionary<string, Tensor> keys, Dictionary<string, Tensor> others, IList<string>? skip) =>
                keys.Keys.Where(key => !others.ContainsKey(key) && !Skips(skip, key)).ToList();
        }
    }
}
