using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static Modules.Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        public static Modules.ParameterList ParameterList(params Modules.Parameter[] parameters) => new(parameters);

        public static Modules.ParameterDict ParameterDict(params (string, Modules.Parameter)[] parameters)
        {
            var result = new ParameterDict();
            foreach (var named in parameters)
            {
                result.Add(named);
            }
            return result;
        }
    }
}
