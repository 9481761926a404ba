/// \file
/// Names of the avro module for headers that need no more than the name.
#pragma once

#include <memory>

namespace weir::avro {
class ContainerReader;
class ContainerWriter;
class Decoder;
class Encoder;
struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;
}  // namespace weir::avro
