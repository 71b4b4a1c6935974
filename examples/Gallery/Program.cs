// Short programs, one a file. Each states a model, makes its data, fits it, prints what a person would look at, and checks itself.
//   dotnet run -c Release --project examples/Gallery -- list
using ProbVae.Examples.Gallery;

return Commands.Run(args, Console.Out);
