#include "certificate_files.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace holdfast;

namespace {

namespace fs = std::filesystem;

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "holdfast-certificates-XXXXXX").string();
        path = fs::path{::mkdtemp(name.data())} / "tls";
    }
    ~Folder() { fs::remove_all(path.parent_path()); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string text(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream{path / name}.rdbuf();
        return std::move(text).str();
    }
    [[nodiscard]] unsigned mode(const std::string& name) const {
        struct stat status {};
        ::stat((path / name).c_str(), &status);
        return status.st_mode & 0777U;
    }

    fs::path path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(certificate_files)

BOOST_AUTO_TEST_CASE(an_authority_is_made_once_and_a_servers_certificate_each_time) {
    const Folder folder;
    const CertificateReport first = make_server_files(folder.path, {"hub.example", "192.0.2.7"}, 30);
    BOOST_TEST(first.is_good);
    BOOST_TEST(first.text.find("tls = { certificate = ") != std::string::npos);
    BOOST_TEST(folder.mode("authority.key") == 0600U);
    BOOST_TEST(folder.mode("server.key") == 0600U);
    BOOST_TEST(folder.mode("server.pem") == 0644U);
    const std::string authority = folder.text("authority.pem");
    const std::string server = folder.text("server.pem");
    BOOST_TEST(make_server_files(folder.path, {"hub.example"}, 30).is_good);
    BOOST_TEST(folder.text("authority.pem") == authority);
    BOOST_TEST(folder.text("server.pem") != server);
    // Nothing half written is left beside them.
    for (const auto& entry : fs::directory_iterator{folder.path}) {
        const std::string extension = entry.path().extension().string();
        BOOST_TEST((extension == ".pem" || extension == ".key"));
    }
}

BOOST_AUTO_TEST_CASE(a_client_gets_a_certificate_once_and_can_be_revoked) {
    const Folder folder;
    BOOST_TEST(make_client_files(folder.path, "pump-7", 30).text.find("holdfast tls init") !=
               std::string::npos);
    BOOST_TEST(make_server_files(folder.path, {"localhost"}, 30).is_good);
    BOOST_TEST(make_client_files(folder.path, "pump-7", 30).is_good);
    BOOST_TEST(folder.mode("clients/pump-7.key") == 0600U);
    BOOST_TEST(!make_client_files(folder.path, "pump-7", 30).is_good);
    BOOST_TEST(revoke_client(folder.path, "pump-7", 30).is_good);
    BOOST_TEST(folder.text("revoked.pem").starts_with("-----BEGIN X509 CRL-----"));
    const std::size_t size = folder.text("revoked.pem").size();
    BOOST_TEST(revoke_client(folder.path, "pump-7", 30).is_good);  // twice changes nothing
    BOOST_TEST(folder.text("revoked.pem").size() < size + 20);
    BOOST_TEST(!revoke_client(folder.path, "pump-8", 30).is_good);
}

BOOST_AUTO_TEST_CASE(names_that_could_be_something_else_are_refused) {
    const Folder folder;
    for (const char* const name : {"", "a b", "a,DNS:evil", "../a", ".a", "a/b", "a\nb"}) {
        BOOST_TEST(!make_server_files(folder.path, {name}, 30).is_good);
        BOOST_TEST(!make_client_files(folder.path, name, 30).is_good);
        BOOST_TEST(!revoke_client(folder.path, name, 30).is_good);
    }
    BOOST_TEST(!fs::exists(folder.path));
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_is_told) {
    const CertificateReport report = make_server_files("/proc/nowhere", {"localhost"}, 30);
    BOOST_TEST(!report.is_good);
    BOOST_TEST(report.text.find("cannot be written") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
