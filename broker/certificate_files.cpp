#include "certificate_files.hpp"

#include "base/whole_file.hpp"
#include "net/certificates.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <sstream>

namespace holdfast {

namespace {

namespace fs = std::filesystem;
using net::Credential;

constexpr int authority_days = 3650;
constexpr std::size_t name_bytes_max = 64;  // of a common name, RFC 5280
constexpr std::string_view authority_name = "Holdfast private authority";

CertificateReport refusal(std::string text) { return {false, std::move(text)}; }

std::string read_text(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    text << stream.rdbuf();
    return std::move(text).str();
}

/// Letters, digits and a few signs: what a name of a host, a device or a file may have everywhere.
bool is_plain_name(std::string_view name) {
    constexpr std::string_view signs = ".-_:*";
    const auto is_allowed = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               signs.find(c) != std::string_view::npos;
    };
    return !name.empty() && name.size() <= name_bytes_max && name.front() != '.' &&
           std::ranges::all_of(name, is_allowed);
}

/// Empty: both are written.
std::optional<CertificateReport> write_pair(const fs::path& folder, const std::string& name,
                                            const Credential& pair) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (!error) error = write_whole_file(folder / (name + ".key"), pair.key, FileMode::owner_only);
    if (!error) {
        error = write_whole_file(folder / (name + ".pem"), pair.certificate, FileMode::everybody_reads);
    }
    if (!error) return std::nullopt;
    return refusal((folder / name).string() + ": cannot be written: " + error.message() +
                   "; name a folder that you may write to");
}

/// Empty: there is none.
std::optional<Credential> read_authority(const fs::path& folder) {
    Credential authority{read_text(folder / "authority.pem"), read_text(folder / "authority.key")};
    if (authority.certificate.empty() || authority.key.empty()) return std::nullopt;
    return authority;
}

CertificateReport no_authority(const fs::path& folder) {
    return refusal(folder.string() + " has no authority.pem and authority.key; `holdfast tls init --dir " +
                   folder.string() + "` makes them");
}

}  // namespace

CertificateReport make_server_files(const fs::path& folder, const std::vector<std::string>& names,
                                    int days) {
    for (const std::string& name : names) {
        if (!is_plain_name(name)) return refusal("\"" + name + "\" is no host name or IP address");
    }
    std::optional<Credential> authority = read_authority(folder);
    const bool is_new = !authority;
    if (is_new) {
        auto made = net::make_authority(std::string{authority_name}, authority_days);
        if (made.has_error()) return refusal(made.error().message);
        authority = std::move(*made);
        if (auto failed = write_pair(folder, "authority", *authority)) return *failed;
    }
    const auto server = net::make_server_certificate(*authority, names, days);
    if (server.has_error()) return refusal(server.error().message);
    if (auto failed = write_pair(folder, "server", *server)) return *failed;
    std::string text = is_new ? "made " + (folder / "authority.pem").string() +
                                    ": give it to clients, keep authority.key to yourself\n"
                              : "";
    text += "made " + (folder / "server.pem").string() + " for";
    for (const std::string& name : names) text += " " + name;
    text += "\nA listener with it, in the configuration below [mqtt]:\n"
            "  listeners = [{ address = \"0.0.0.0\", port = 8883, tls = { certificate = \"" +
            (folder / "server.pem").string() + "\", key = \"" + (folder / "server.key").string() +
            "\" } }]\n";
    return {true, text};
}

CertificateReport make_client_files(const fs::path& folder, const std::string& name, int days) {
    if (!is_plain_name(name)) return refusal("\"" + name + "\" is no name for a client");
    const auto authority = read_authority(folder);
    if (!authority) return no_authority(folder);
    const auto client = net::make_client_certificate(*authority, name, days);
    if (client.has_error()) return refusal(client.error().message);
    const fs::path clients = folder / "clients";
    // Its old certificate could not be revoked any more.
    if (fs::exists(clients / (name + ".pem"))) {
        return refusal((clients / (name + ".pem")).string() +
                       " is there; revoke it (`holdfast tls revoke`) and take it away first");
    }
    if (auto failed = write_pair(clients, name, *client)) return *failed;
    return {true, "made " + (clients / (name + ".pem")).string() + " and its key\n"
                  "A listener asks for it with tls.client_authorities = \"" +
                      (folder / "authority.pem").string() + "\"\n"};
}

CertificateReport revoke_client(const fs::path& folder, const std::string& name, int days) {
    if (!is_plain_name(name)) return refusal("\"" + name + "\" is no name of a client");
    const auto authority = read_authority(folder);
    if (!authority) return no_authority(folder);
    const fs::path file = folder / "clients" / (name + ".pem");
    const std::string certificate = read_text(file);
    if (certificate.empty()) return refusal(file.string() + " is not there or cannot be read");
    const fs::path list = folder / "revoked.pem";
    const auto revoked = net::revoke(*authority, read_text(list), certificate, days);
    if (revoked.has_error()) return refusal(revoked.error().message);
    if (const auto error = write_whole_file(list, *revoked, FileMode::everybody_reads)) {
        return refusal(list.string() + ": cannot be written: " + error.message());
    }
    return {true, "revoked " + name + "; a server whose tls.revocations is \"" + list.string() +
                      "\" ends its connection within seconds\n"};
}

}  // namespace holdfast
