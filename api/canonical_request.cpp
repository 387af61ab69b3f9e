#include "api/canonical_request.hpp"

#include "base/ascii.hpp"
#include "base/digest.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace holdfast::api {

namespace {

constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::string_view digest_header = "X-Sdk-Content-Sha256";

std::string_view view_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/// What is no percent-encoding stays as it is; the table of routes refuses it anyway.
std::string decode(std::string_view text, bool is_query) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_encoded = text[i] == '%' && i + 2 < text.size() &&
                                digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0;
        if (is_encoded) {
            decoded += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
            i += 2;
        } else {
            decoded += is_query && text[i] == '+' ? ' ' : text[i];
        }
    }
    return decoded;
}

void append_encoded(std::string& text, std::string_view decoded, std::string_view also_plain) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : decoded) {
        if (is_unreserved(c) || also_plain.find(c) != std::string_view::npos) {
            text += c;
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        text += '%';
        text += digits[byte >> 4U];
        text += digits[byte & 0x0FU];
    }
}

/// Path and query as they came, without scheme and host.
std::pair<std::string_view, std::string_view> parts_of(std::string_view target) {
    if (!target.starts_with('/')) {
        const std::size_t host = std::min(target.find("://"), target.size());
        const std::size_t path = target.find('/', std::min(host + 3, target.size()));
        target = path == std::string_view::npos ? std::string_view{} : target.substr(path);
    }
    const std::size_t mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

void append_path(std::string& text, std::string_view path) {
    if (path.find('%') == std::string_view::npos) {
        append_encoded(text, path, "/");
    } else {
        append_encoded(text, decode(path, false), "/");
    }
    if (!text.ends_with('/')) text += '/';
}

void append_query(std::string& text, std::string_view query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view parameter = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (parameter.empty()) continue;
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        const std::size_t value = std::min(equals + 1, parameter.size());
        parameters.emplace_back(decode(parameter.substr(0, equals), true),
                                decode(parameter.substr(value), true));
    }
    std::ranges::sort(parameters);
    bool is_first = true;
    for (const auto& [name, value] : parameters) {
        if (!std::exchange(is_first, false)) text += '&';
        append_encoded(text, name, "");
        text += '=';
        append_encoded(text, value, "");
    }
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Empty: done. Else what is wrong with the headers.
std::string append_headers(std::string& text, const RequestHeader& header,
                           std::string_view signed_headers) {
    std::size_t count = 0;
    for (std::string_view rest = signed_headers; !rest.empty();) {
        const std::string_view name = rest.substr(0, std::min(rest.find(';'), rest.size()));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        const auto found = header.equal_range(boost::beast::string_view{name.data(), name.size()});
        if (found.first == found.second) {
            return "the header \"" + std::string{name} + "\" is signed, and did not arrive";
        }
        if (std::next(found.first) != found.second) {
            return "the header \"" + std::string{name} + "\" is signed, and arrived twice";
        }
        if (++count > signed_headers_max) return "more than 64 headers are signed";
        text.append(name).append(":").append(trimmed(view_of(found.first->value()))).append("\n");
    }
    return {};
}

bool is_json(const RequestHeader& header) {
    const std::string_view type = view_of(header[http::field::content_type]);
    return equals_ignoring_case(type.substr(0, type.find_first_of("; \t")), "application/json");
}

}  // namespace

boost::system::result<std::string, CanonicalFault> canonical_request(
    const RequestHeader& header, std::string_view body, std::string_view signed_headers) {
    using boost::system::in_place_value;
    const auto [path, query] = parts_of(view_of(header.target()));
    std::string text;
    text.reserve(1'024);
    text.append(view_of(header.method_string())).append("\n");
    append_path(text, path);
    text += '\n';
    append_query(text, query);
    text += '\n';
    if (std::string wrong = append_headers(text, header, signed_headers); !wrong.empty()) {
        return CanonicalFault{std::move(wrong)};
    }
    text.append("\n").append(signed_headers).append("\n");
    const std::string_view said = view_of(header[digest_header]);
    if (said == unsigned_payload) {
        if (!is_json(header)) return {in_place_value, text.append(unsigned_payload)};
        return CanonicalFault{"a body of JSON has to be signed: X-Sdk-Content-Sha256 is its SHA-256"};
    }
    const Sha256Text digest = to_hex_text(sha256({body}));
    if (!said.empty() && !equals_ignoring_case(said, as_text(digest))) {
        return CanonicalFault{"X-Sdk-Content-Sha256 is not the SHA-256 of the body that arrived"};
    }
    return {in_place_value, text.append(as_text(digest))};
}

}  // namespace holdfast::api
