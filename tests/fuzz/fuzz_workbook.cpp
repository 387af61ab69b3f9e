// Any bytes as a workbook, and as a file of devices: nothing crashes or grows, and rows keep to their limits.

#include "api/batch_file.hpp"
#include "api/workbook.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <string_view>

using namespace holdfast::api;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view file{reinterpret_cast<const char*>(data), size};
    constexpr std::size_t rows_max = 100;
    const auto rows = read_first_sheet(file, rows_max);
    if (rows) {
        CHECK(rows->size() <= rows_max);
        std::size_t bytes = 0;
        for (const SheetRow& row : *rows) {
            CHECK(!row.cells.empty() && row.cells.size() <= workbook_columns_max);
            for (const auto& cell : row.cells) bytes += cell.size();
        }
        CHECK(bytes <= workbook_text_bytes_max);
    } else {
        CHECK(!rows.error().empty());
    }
    const auto devices = read_device_rows(file);
    CHECK(devices ? !devices->empty() : !devices.error().empty());
    return 0;
}
