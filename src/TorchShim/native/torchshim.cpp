// The native half of the shim: one entry that calls any ATen operator by name, and the few things that are no operators.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#define SHIM_API extern "C" __attribute__((visibility("default")))

namespace {

using Impl = c10::TensorImpl;
using ImplPtr = c10::intrusive_ptr<Impl, c10::UndefinedTensorImpl>;

// The same numbers stand in Native/ValueTag.cs.
enum class Tag : int32_t {
  Default = 0,
  None = 1,
  Tensor = 2,
  Int = 3,
  Double = 4,
  Bool = 5,
  IntList = 6,
  DoubleList = 7,
  TensorList = 8,
  String = 9,
  Device = 10,
  Generator = 11,
  Complex = 12,
};

struct Value {
  Tag tag;
  int32_t count;
  union {
    int64_t integer;
    double real;
    const void* pointer;
  };
};
static_assert(sizeof(Value) == 16, "C# lays the same struct out in 16 bytes");

enum class Kind : uint8_t { Other, Float, IntList, FloatList, OptionalTensorList };

struct Operator {
  explicit Operator(c10::OperatorHandle found) : handle(std::move(found)) {}
  c10::OperatorHandle handle;
  std::vector<c10::IValue> defaults;
  std::vector<bool> hasDefault;
  std::vector<Kind> kinds;
};

thread_local std::string lastError;

int fail(const char* message) {
  lastError.assign(message, std::strcspn(message, "\n"));
  return -1;
}

// Runs the body and turns a C++ exception into -1 and a message for shim_last_error.
template <class Body>
int guarded(Body&& body) {
  try {
    return body();
  } catch (const c10::Error& e) {
    return fail(e.what_without_backtrace());
  } catch (const std::exception& e) {
    return fail(e.what());
  }
}

// A handle is a TensorImpl* that owns one reference; borrowing adds one for the time of the call.
at::Tensor borrow(const void* handle) {
  if (handle == nullptr) return {};
  auto* impl = static_cast<Impl*>(const_cast<void*>(handle));
  c10::raw::intrusive_ptr::incref(impl);
  return at::Tensor(ImplPtr::reclaim(impl));
}

void* release(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

std::vector<at::Tensor> borrowAll(void* const* handles, int count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int i = 0; i < count; i++) tensors.push_back(borrow(handles[i]));
  return tensors;
}

Kind kindOf(const c10::TypePtr& declared) {
  auto type = declared;
  if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
  if (type->kind() == c10::TypeKind::FloatType) return Kind::Float;
  auto list = type->cast<c10::ListType>();
  if (!list) return Kind::Other;
  auto element = list->getElementType();
  if (element->kind() == c10::TypeKind::FloatType) return Kind::FloatList;
  if (element->kind() == c10::TypeKind::TensorType) return Kind::Other;
  if (auto optional = element->cast<c10::OptionalType>()) {
    if (optional->getElementType()->kind() == c10::TypeKind::TensorType) return Kind::OptionalTensorList;
  }
  return Kind::IntList;
}

template <class T>
c10::IValue listOf(const Value& value) {
  const auto* data = static_cast<const T*>(value.pointer);
  return c10::IValue(c10::List<T>(c10::ArrayRef<T>(data, value.count)));
}

c10::IValue tensorList(const Value& value, Kind kind) {
  auto tensors = borrowAll(static_cast<void* const*>(value.pointer), value.count);
  if (kind != Kind::OptionalTensorList) return c10::IValue(c10::List<at::Tensor>(c10::ArrayRef<at::Tensor>(tensors)));
  c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
  list.reserve(tensors.size());
  for (auto& tensor : tensors) list.push_back(tensor.defined() ? c10::IValue(std::move(tensor)) : c10::IValue());
  return c10::IValue(std::move(list));
}

c10::IValue toIValue(const Value& value, Kind kind) {
  switch (value.tag) {
    case Tag::Tensor:
      return value.pointer == nullptr ? c10::IValue() : c10::IValue(borrow(value.pointer));
    case Tag::Int:
      if (kind == Kind::Float) return c10::IValue(static_cast<double>(value.integer));
      if (kind == Kind::IntList) return c10::IValue(c10::List<int64_t>({value.integer}));
      return c10::IValue(value.integer);
    case Tag::Double:
      return c10::IValue(value.real);
    case Tag::Bool:
      return c10::IValue(value.integer != 0);
    case Tag::IntList:
      return listOf<int64_t>(value);
    case Tag::DoubleList:
      return listOf<double>(value);
    case Tag::TensorList:
      return tensorList(value, kind);
    case Tag::String:
      return c10::IValue(std::string(static_cast<const char*>(value.pointer), value.count));
    case Tag::Device:
      return c10::IValue(c10::Device(static_cast<c10::DeviceType>(value.count), static_cast<c10::DeviceIndex>(value.integer)));
    case Tag::Generator:
      return value.pointer == nullptr ? c10::IValue() : c10::IValue(*static_cast<const at::Generator*>(value.pointer));
    case Tag::Complex: {
      const auto* parts = static_cast<const double*>(value.pointer);
      return c10::IValue(c10::complex<double>(parts[0], parts[1]));
    }
    default:
      return c10::IValue();
  }
}

// A list of tensors comes back as a malloc'ed array of handles, which the caller frees with shim_free.
Value tensorArray(const std::vector<at::Tensor>& tensors) {
  auto** handles = static_cast<void**>(std::malloc(sizeof(void*) * (tensors.size() + 1)));
  for (size_t i = 0; i < tensors.size(); i++) handles[i] = release(tensors[i]);
  Value value{Tag::TensorList, static_cast<int32_t>(tensors.size()), {}};
  value.pointer = handles;
  return value;
}

Value fromIValue(c10::IValue&& result) {
  Value value{Tag::None, 0, {}};
  value.integer = 0;
  if (result.isTensor()) {
    value.tag = Tag::Tensor;
    value.pointer = release(std::move(result).toTensor());
  } else if (result.isBool()) {
    value.tag = Tag::Bool;
    value.integer = result.toBool();
  } else if (result.isInt()) {
    value.tag = Tag::Int;
    value.integer = result.toInt();
  } else if (result.isDouble()) {
    value.tag = Tag::Double;
    value.real = result.toDouble();
  } else if (result.isTensorList()) {
    value = tensorArray(result.toTensorVector());
  } else {
    TORCH_CHECK(result.isNone(), "The shim cannot pass on a result of type ", result.tagKind(), ".");
  }
  return value;
}

c10::Device deviceOf(int type, int index) {
  return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index));
}

} // namespace

SHIM_API const char* shim_last_error() { return lastError.c_str(); }
SHIM_API void shim_free(void* memory) { std::free(memory); }

// Operators are resolved once and live as long as the process.
SHIM_API void* shim_operator(const char* name, const char* overload) {
  Operator* result = nullptr;
  guarded([&] {
    auto op = std::make_unique<Operator>(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
    for (const auto& argument : op->handle.schema().arguments()) {
      op->hasDefault.push_back(argument.default_value().has_value());
      op->defaults.push_back(argument.default_value().value_or(c10::IValue()));
      op->kinds.push_back(kindOf(argument.type()));
    }
    result = op.release();
    return 0;
  });
  return result;
}

// Calls an operator; arguments that are left out take their schema's default. Returns the count of results, or -1.
SHIM_API int shim_call(const Operator* op, const Value* args, int argCount, Value* results, int capacity) {
  return guarded([&] {
    const int declared = static_cast<int>(op->kinds.size());
    TORCH_CHECK(argCount <= declared, "aten::", op->handle.operator_name().name, " takes ", declared, " arguments, not ", argCount, ".");
    std::vector<c10::IValue> stack;
    stack.reserve(declared);
    for (int i = 0; i < declared; i++) {
      if (i < argCount && args[i].tag != Tag::Default) {
        stack.push_back(toIValue(args[i], op->kinds[i]));
      } else {
        TORCH_CHECK(op->hasDefault[i], op->handle.operator_name().name, " needs its argument '", op->handle.schema().arguments()[i].name(), "'.");
        stack.push_back(op->defaults[i]);
      }
    }
    op->handle.callBoxed(&stack);
    const int count = static_cast<int>(stack.size());
    for (int i = 0; i < count && i < capacity; i++) results[i] = fromIValue(std::move(stack[i]));
    return count;
  });
}

SHIM_API void shim_tensor_free(void* handle) { ImplPtr::reclaim(static_cast<Impl*>(handle)); }

SHIM_API void* shim_tensor_alias(void* handle) { return release(borrow(handle)); }

SHIM_API void* shim_tensor_data(void* handle) {
  void* data = nullptr;
  guarded([&] {
    data = borrow(handle).data_ptr();
    return 0;
  });
  return data;
}

SHIM_API int shim_tensor_dtype(Impl* tensor) { return static_cast<int>(c10::typeMetaToScalarType(tensor->dtype())); }
SHIM_API int64_t shim_tensor_dim(Impl* tensor) { return tensor->dim(); }
SHIM_API int64_t shim_tensor_numel(Impl* tensor) { return tensor->numel(); }
SHIM_API void shim_tensor_sizes(Impl* tensor, int64_t* sizes) { std::memcpy(sizes, tensor->sizes().data(), sizeof(int64_t) * tensor->dim()); }
SHIM_API void shim_tensor_strides(Impl* tensor, int64_t* strides) { std::memcpy(strides, tensor->strides().data(), sizeof(int64_t) * tensor->dim()); }
SHIM_API int64_t shim_tensor_storage_offset(Impl* tensor) { return tensor->storage_offset(); }
SHIM_API int shim_tensor_is_contiguous(Impl* tensor) { return tensor->is_contiguous(); }
SHIM_API int shim_tensor_is_sparse(Impl* tensor) { return tensor->is_sparse(); }

SHIM_API void shim_tensor_device(Impl* tensor, int* type, int* index) {
  const auto device = tensor->device();
  *type = static_cast<int>(device.type());
  *index = device.index();
}

SHIM_API int shim_tensor_requires_grad(void* tensor) { return borrow(tensor).requires_grad(); }
SHIM_API int shim_tensor_is_leaf(void* tensor) { return borrow(tensor).is_leaf(); }
SHIM_API void* shim_tensor_grad(void* tensor) { return release(borrow(tensor).grad()); }

SHIM_API int shim_tensor_set_requires_grad(void* tensor, int value) {
  return guarded([&] {
    borrow(tensor).set_requires_grad(value != 0);
    return 0;
  });
}

SHIM_API int shim_tensor_set_grad(void* tensor, void* grad) {
  return guarded([&] {
    borrow(tensor).mutable_grad() = borrow(grad);
    return 0;
  });
}

SHIM_API int shim_tensor_retain_grad(void* tensor) {
  return guarded([&] {
    borrow(tensor).retain_grad();
    return 0;
  });
}

// The tensor takes over the other's data, as `x.data = y` does; autograd does not see it.
SHIM_API int shim_tensor_set_data(void* tensor, void* other) {
  return guarded([&] {
    borrow(tensor).set_data(borrow(other));
    return 0;
  });
}

SHIM_API int shim_backward(void** tensors, int count, void** grads, int gradCount, int retain, int create, void** inputs, int inputCount) {
  return guarded([&] {
    torch::autograd::backward(borrowAll(tensors, count), borrowAll(grads, gradCount), retain != 0, create != 0, borrowAll(inputs, inputCount));
    return 0;
  });
}

SHIM_API int shim_grad(void** outputs, int outputCount, void** inputs, int inputCount, void** grads, int gradCount, int retain, int create, int allowUnused, void** results) {
  return guarded([&] {
    auto found = torch::autograd::grad(borrowAll(outputs, outputCount), borrowAll(inputs, inputCount), borrowAll(grads, gradCount), retain != 0, create != 0, allowUnused != 0);
    for (int i = 0; i < inputCount; i++) results[i] = release(std::move(found[i]));
    return 0;
  });
}

SHIM_API int shim_grad_enabled() { return at::GradMode::is_enabled(); }
SHIM_API void shim_set_grad_enabled(int enabled) { at::GradMode::set_enabled(enabled != 0); }
SHIM_API int shim_anomaly_enabled() { return torch::autograd::AnomalyMode::is_enabled(); }
SHIM_API int shim_anomaly_checks_nan() { return torch::autograd::AnomalyMode::should_check_nan(); }
SHIM_API void shim_set_anomaly(int enabled, int checkNan) { torch::autograd::AnomalyMode::set_enabled(enabled != 0, checkNan != 0); }

SHIM_API void shim_manual_seed(int64_t seed) { at::manual_seed(static_cast<uint64_t>(seed)); }
SHIM_API int shim_get_num_threads() { return at::get_num_threads(); }
SHIM_API void shim_set_num_threads(int count) { at::set_num_threads(count); }
SHIM_API int shim_get_num_interop_threads() { return at::get_num_interop_threads(); }

SHIM_API int shim_set_num_interop_threads(int count) {
  return guarded([&] {
    at::set_num_interop_threads(count);
    return 0;
  });
}

SHIM_API int shim_cuda_available() { return at::hasCUDA() && at::getNumGPUs() > 0; }
SHIM_API int shim_cuda_count() { return at::hasCUDA() ? static_cast<int>(at::getNumGPUs()) : 0; }
SHIM_API int shim_cudnn_available() { return shim_cuda_available() && at::globalContext().hasCuDNN(); }

SHIM_API int shim_cuda_seed(int64_t seed, int index) {
  return guarded([&] {
    auto generator = at::globalContext().defaultGenerator(deviceOf(static_cast<int>(c10::DeviceType::CUDA), index));
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(static_cast<uint64_t>(seed));
    return 0;
  });
}

SHIM_API int shim_cuda_synchronize(int index) {
  return guarded([&] {
    at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(index));
    return 0;
  });
}

// A CPU generator is made directly; any other device's starts as a copy of its default one, which needs no CUDA header.
SHIM_API at::Generator* shim_generator_new(uint64_t seed, int deviceType, int deviceIndex) {
  at::Generator* result = nullptr;
  guarded([&] {
    const auto device = deviceOf(deviceType, deviceIndex);
    if (device.is_cpu()) {
      result = new at::Generator(at::make_generator<at::CPUGeneratorImpl>(seed));
    } else {
      result = new at::Generator(at::globalContext().defaultGenerator(device).clone());
      result->set_current_seed(seed);
    }
    return 0;
  });
  return result;
}

SHIM_API at::Generator* shim_generator_default() { return new at::Generator(at::globalContext().defaultGenerator(at::kCPU)); }
SHIM_API void shim_generator_free(at::Generator* generator) { delete generator; }

SHIM_API void shim_generator_set_seed(at::Generator* generator, uint64_t seed) {
  std::lock_guard<std::mutex> lock(generator->mutex());
  generator->set_current_seed(seed);
}

SHIM_API uint64_t shim_generator_initial_seed(at::Generator* generator) { return generator->current_seed(); }

// Draws a fresh seed from the system, sets it and returns it.
SHIM_API uint64_t shim_generator_seed(at::Generator* generator) {
  std::lock_guard<std::mutex> lock(generator->mutex());
  return generator->seed();
}

SHIM_API void* shim_generator_get_state(at::Generator* generator) {
  std::lock_guard<std::mutex> lock(generator->mutex());
  return release(generator->get_state());
}

SHIM_API int shim_generator_set_state(at::Generator* generator, void* state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(borrow(state));
    return 0;
  });
}
