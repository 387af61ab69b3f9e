#include "api/batch_file.hpp"

#include "api/batch_task.hpp"
#include "api/workbook.hpp"
#include "base/utf8.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

namespace json = boost::json;
using boost::system::result;

constexpr std::array columns{"device_id", "node_id",    "device_name", "product_id",
                             "app_id",    "gateway_id", "description"};
constexpr std::array auth_columns{
    "auth_type",    "secret", "secondary_secret", "fingerprint", "secondary_fingerprint",
    "secure_access"};

bool is_one_of(const auto& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(spaces), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(spaces) + 1);
}

/// Of a header's `name=value` or `name="value"`; empty: it has none.
std::string_view find_attribute(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        const std::string_view part = trimmed(header.substr(0, end));
        header.remove_prefix(std::min(end + 1, header.size()));
        if (!part.starts_with(name) || part.substr(name.size(), 1) != "=") continue;
        std::string_view value = part.substr(name.size() + 1);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        return value;
    }
    return {};
}

/// The line of Content-Disposition among a part's header lines.
std::string_view disposition_of(std::string_view headers) {
    constexpr std::string_view name = "content-disposition:";
    while (!headers.empty()) {
        const std::size_t end = std::min(headers.find("\r\n"), headers.size());
        const std::string_view line = headers.substr(0, end);
        headers.remove_prefix(std::min(end + 2, headers.size()));
        const bool is_it = std::ranges::equal(
            line.substr(0, name.size()), name,
            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
        if (is_it) return line.substr(name.size());
    }
    return {};
}

/// Takes one record off the front, quotes undone. Empty: a quote is not closed.
std::optional<std::vector<std::string>> take_record(std::string_view& text) {
    std::vector<std::string> fields(1);
    bool is_quoted = false;
    while (!text.empty()) {
        const char c = text.front();
        text.remove_prefix(1);
        if (is_quoted) {
            if (c != '"') {
                fields.back() += c;
            } else if (text.starts_with('"')) {
                fields.back() += c;
                text.remove_prefix(1);
            } else {
                is_quoted = false;
            }
        } else if (c == '"' && fields.back().empty()) {
            is_quoted = true;
        } else if (c == ',') {
            fields.emplace_back();
        } else if (c == '\n') {
            break;
        } else {
            fields.back() += c;
        }
    }
    if (is_quoted) return std::nullopt;
    if (fields.back().ends_with('\r')) fields.back().pop_back();
    return fields;
}

bool is_blank(const std::vector<std::string>& record) {
    return std::ranges::all_of(record, [](const std::string& field) { return field.empty(); });
}

/// What is wrong with the names of the columns, which stand `where`; empty: nothing.
std::string problem_of(const std::vector<std::string>& names, const std::string& where) {
    bool names_device = false;
    for (const std::string& name : names) {
        if (!is_one_of(columns, name) && !is_one_of(auth_columns, name)) {
            return where + " names the column \"" + name + "\", which is none of a device";
        }
        if (std::ranges::count(names, name) > 1) return where + " names " + name + " twice";
        names_device = names_device || name == "device_id" || name == "node_id";
    }
    return names_device ? std::string{} : where + " must name the column device_id or node_id";
}

json::object row_of(const std::vector<std::string>& names, const std::vector<std::string>& record) {
    json::object row;
    json::object auth_info;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (record[i].empty()) continue;
        if (names[i] == "secure_access") {
            auth_info[names[i]] = record[i] == "true";
        } else {
            (is_one_of(columns, names[i]) ? row : auth_info)[names[i]] = record[i];
        }
    }
    if (!auth_info.empty()) row["auth_info"] = std::move(auth_info);
    return row;
}

result<json::array, std::string> read_sheet(std::string_view file) {
    auto sheet = read_first_sheet(file, batch_targets_max + 1);
    if (!sheet) return std::move(sheet.error());
    if (sheet->empty()) return std::string{"the first sheet of the workbook is empty"};
    const std::string where = "row " + std::to_string(sheet->front().number);
    const std::vector<std::string> names = std::move(sheet->front().cells);
    if (std::string problem = problem_of(names, where); !problem.empty()) return problem;
    json::array rows;
    for (SheetRow& row : std::span{*sheet}.subspan(1)) {
        if (row.cells.size() > names.size()) {
            return "cell " + cell_name(row.cells.size() - 1, row.number) +
                   " has a value, and " + where + " names no column there";
        }
        row.cells.resize(names.size());
        rows.push_back(row_of(names, row.cells));
    }
    if (rows.empty()) return "the sheet must have at least one row behind " + where;
    return rows;
}

}  // namespace

result<UploadedFile, std::string> find_uploaded_file(std::string_view content_type,
                                                     std::string_view body) {
    const std::string_view boundary = find_attribute(content_type, "boundary");
    if (!content_type.starts_with("multipart/form-data") || boundary.empty()) {
        return {boost::system::in_place_error,
                "the header Content-Type must be multipart/form-data with a boundary"};
    }
    const std::string delimiter = "\r\n--" + std::string{boundary};
    std::size_t at = body.find(delimiter.substr(2));
    while (at != std::string_view::npos) {
        const std::size_t headers_at = body.find("\r\n", at);
        if (headers_at == std::string_view::npos) break;
        const std::size_t content_at = body.find("\r\n\r\n", headers_at);
        if (content_at == std::string_view::npos) break;
        const std::size_t end = body.find(delimiter, content_at + 2);
        if (end == std::string_view::npos) break;
        const std::string_view disposition =
            disposition_of(body.substr(headers_at + 2, content_at - headers_at - 2));
        if (find_attribute(disposition, "name") == "file") {
            const std::size_t begin = std::min(content_at + 4, end);
            return UploadedFile{std::string{find_attribute(disposition, "filename")},
                                std::string{body.substr(begin, end - begin)}};
        }
        at = end + 2;
    }
    return {boost::system::in_place_error,
            "the body must have a part called file, closed by its boundary"};
}

result<json::array, std::string> read_device_rows(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (is_workbook(text)) return read_sheet(text);
    if (is_old_workbook(text)) {
        return std::string{"the file is a workbook of the binary format: save it as .xlsx or .csv"};
    }
    if (!is_valid_utf8_string(text)) return std::string{"the file must be text in UTF-8"};
    const auto names = take_record(text);
    if (!names) return std::string{"line 1 has a quote that is not closed"};
    if (std::string problem = problem_of(*names, "line 1"); !problem.empty()) return problem;
    json::array rows;
    for (std::size_t line = 2; !text.empty(); ++line) {
        const std::string where = "record " + std::to_string(line);
        const auto record = take_record(text);
        if (!record) return where + " has a quote that is not closed";
        if (is_blank(*record)) continue;
        if (record->size() != names->size()) {
            return where + " has " + std::to_string(record->size()) + " fields instead of " +
                   std::to_string(names->size());
        }
        if (rows.size() == batch_targets_max) {
            return "the file must have at most " + std::to_string(batch_targets_max) + " rows";
        }
        rows.push_back(row_of(*names, *record));
    }
    if (rows.empty()) return std::string{"the file must have at least one row behind line 1"};
    return rows;
}

}  // namespace holdfast::api
