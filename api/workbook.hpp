#pragma once
// The first sheet of a workbook (XLSX: ECMA-376, Office Open XML) as rows of texts. Texts of the table of
// shared ones, inline ones, results of formulas, whole numbers and truth values are read; a number with a
// fraction or an exponent, and an error, are refused with the name of their cell. A date is a number.
// Limits: a part unpacks to at most workbook_part_bytes_max; a sheet has at most as many rows as its reader
// wants, workbook_columns_max columns and texts of workbook_text_bytes_max in all.
// Errors: sentences, for who sent it. Threads: any.

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

inline constexpr std::size_t workbook_part_bytes_max = std::size_t{16} << 20U;
inline constexpr std::size_t workbook_text_bytes_max = std::size_t{8} << 20U;
inline constexpr std::size_t workbook_columns_max = 64;

struct SheetRow {
    std::size_t number = 0;          ///< as the sheet counts, from 1
    std::vector<std::string> cells;  ///< from column A; empty ones are left out at the end only
};

/// "C7"; `column` counts from 0.
[[nodiscard]] std::string cell_name(std::size_t column, std::size_t row);
[[nodiscard]] bool is_workbook(std::string_view file);
/// The binary format of before: it is not read.
[[nodiscard]] bool is_old_workbook(std::string_view file);
/// Rows without texts are left out.
[[nodiscard]] boost::system::result<std::vector<SheetRow>, std::string> read_first_sheet(
    std::string_view file, std::size_t rows_max);

}  // namespace holdfast::api
