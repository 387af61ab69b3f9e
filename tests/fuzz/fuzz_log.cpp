// Any bytes as the files of a log store: opening never crashes, what is read is what verify() and dump() say,
// and what was opened can be closed and opened again to the same. The input is a list of files: a byte for
// the name, two for the length, the bytes.

#include "base/error.hpp"
#include "store/log_store.hpp"
#include "store/memory_directory.hpp"
#include "store/verify.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace {

using namespace holdfast;

store::MemoryDirectory::Contents files_of(std::span<const std::uint8_t> data) {
    store::MemoryDirectory::Contents files;
    while (data.size() >= 3) {
        const std::uint32_t number = 1 + data[0] % 4U;
        const std::string name =
            data[0] % 8 < 4 ? store::segment_name(number) : store::snapshot_name(number);
        const std::size_t length = std::min<std::size_t>(data.size() - 3, data[1] + 256U * data[2]);
        const auto bytes = std::as_bytes(data.subspan(3, length));
        files[name].assign(bytes.begin(), bytes.end());
        data = data.subspan(3 + length);
    }
    return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    store::MemoryDirectory directory{files_of({data, size})};
    const auto verified = store::verify(directory);
    const auto dumped = store::dump(directory, [](std::string_view line) { CHECK(!line.empty()); });

    store::LogStoreOptions options;
    options.segment_bytes = 4096;
    options.has_thread = false;
    store::OpenReport report;
    store::Level total;
    {
        const auto opened = store::LogStore::open(directory, options, report);
        CHECK(opened.has_value() == verified.has_value());
        CHECK(opened.has_value() == dumped.has_value());
        if (opened.has_error()) {
            CHECK(!opened.error().sentence.empty());
            return 0;
        }
        total = (*opened)->total();
        CHECK(total == verified->waiting);
    }
    store::OpenReport again;
    const auto reopened = store::LogStore::open(directory, options, again);
    CHECK(reopened.has_value() && (*reopened)->total() == total);
    return 0;
}
