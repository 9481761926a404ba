#include "codec/decoder.h"

namespace weir::codec {

Result<std::unique_ptr<Decoder>> make_csv_decoder(DecoderSpec, CsvOptions) { return Error(ErrorKind::unsupported, "CSV is not there yet"); }

}  // namespace weir::codec
