#pragma once
// The folder of a private certificate authority, as `holdfast tls` keeps it:
//   authority.pem authority.key   who signs; clients trust authority.pem
//   server.pem server.key         for a listener's tls.certificate and tls.key
//   clients/NAME.pem .key         for devices and programs
//   revoked.pem                   for tls.revocations, once something was revoked
// Keys are readable by their owner alone; every file is written whole or not at all.
// Threads: the caller's.

#include <filesystem>
#include <string>
#include <vector>

namespace holdfast {

/// What to tell the user: done, or what is wrong and what to do.
struct CertificateReport {
    bool is_good = false;
    std::string text;
};

/// Makes the authority if there is none, and a certificate for the server, a new one each time.
[[nodiscard]] CertificateReport make_server_files(const std::filesystem::path& folder,
                                                  const std::vector<std::string>& names, int days);
[[nodiscard]] CertificateReport make_client_files(const std::filesystem::path& folder,
                                                  const std::string& name, int days);
[[nodiscard]] CertificateReport revoke_client(const std::filesystem::path& folder,
                                              const std::string& name, int days);

}  // namespace holdfast
