/// \file
/// Names of the codec module for headers that need no more than the name.
#pragma once

namespace weir::codec {
class Decoder;
class RecordFramer;
struct Decoded;
struct DecoderSpec;
struct FramedRecord;
}  // namespace weir::codec
