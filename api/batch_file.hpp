#pragma once
// Files of batch tasks: the file in a multipart/form-data body (RFC 7578), and its lines of
// comma-separated values (RFC 4180, UTF-8), or the first sheet of a workbook (workbook.hpp), as rows. The
// first one names the columns: device_id, node_id,
// device_name, product_id, app_id, gateway_id, description, auth_type, secret, secondary_secret,
// fingerprint, secondary_fingerprint, secure_access.
// Threads: any.

#include <boost/json/array.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>

namespace holdfast::api {

struct UploadedFile {
    std::string name;
    std::string content;
};
/// The part `file`. The error: what is wrong, a sentence.
[[nodiscard]] boost::system::result<UploadedFile, std::string> find_uploaded_file(
    std::string_view content_type, std::string_view body);

/// Each row as the body that registers its device. The error names the line, or the cell.
[[nodiscard]] boost::system::result<boost::json::array, std::string> read_device_rows(
    std::string_view text);

}  // namespace holdfast::api
