#pragma once
// Certificates of tests, made once with `openssl ca`: their keys are gone.

namespace holdfast::api {

/// Of an authority from 2025 to 2125.
inline constexpr const char* plant_authority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBVTCB/aADAgECAgEBMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD1BsYW50IGF1\n"
    "dGhvcml0eTAgFw0yNTAxMDEwMDAwMDBaGA8yMTI1MDEwMTAwMDAwMFowGjEYMBYG\n"
    "A1UEAwwPUGxhbnQgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n"
    "iBkN4/WMxxXKD8ubtlTj8s67LvZfLSdtlQb0o8Qi/65Ce2ydOlhG5WmB+C2IlKTA\n"
    "eg+qA6nIwCD8unn/YTqy4aMyMDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQU\n"
    "51+rh+E+kbYRHgoqT/9TBnELu6EwCgYIKoZIzj0EAwIDRwAwRAIgFcDuOl7GIS5N\n"
    "D2rbxSgoKZdEDoUmfmyTZ8ghSjPK3SoCIDTjiUPhuUgZa+yGgZ4XAdjg9zVSA5uO\n"
    "Wg8ooouZK6nL\n"
    "-----END CERTIFICATE-----\n";

/// Of another, from 2026 to 2027.
inline constexpr const char* successor_authority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBRzCB76ADAgECAgECMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCVN1Y2Nlc3Nv\n"
    "cjAeFw0yNjAxMDEwMDAwMDBaFw0yNzAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCVN1\n"
    "Y2Nlc3NvcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM+jzoDphDPV0Z2vJoeT\n"
    "Vp9zsz7K2lyVqJMBFPt4Ff5dB3gcLEkwKld3CIiGnxiHNe1isXUGKU5RntoyCgfB\n"
    "9CyjMjAwMA8GA1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFEIJMfGMjuD4HkVZS79r\n"
    "UN+4r0UaMAoGCCqGSM49BAMCA0cAMEQCIFRGlloQb37wGq5oyTjJJWMV7KlPFaKC\n"
    "1KIqQ31sXs1pAiAaltDPCwbiJH95cPfFIL+swYIWKsVc4rn5pmxgdvjXvA==\n"
    "-----END CERTIFICATE-----\n";

/// Of one whose time was 2020.
inline constexpr const char* expired_authority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBUDCB96ADAgECAgEDMAoGCCqGSM49BAMCMBgxFjAUBgNVBAMMDU9sZCBhdXRo\n"
    "b3JpdHkwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAYMRYwFAYDVQQD\n"
    "DA1PbGQgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAV0sKy6n\n"
    "zOEFNB8m90kVZ5Gldo5LXB0EACIm56jt2/3+X2BQx2G1VT2fV5DcQ7O3aJvzNweF\n"
    "ZOW/CBeEZ10wfqMyMDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUa8Ga6So7\n"
    "dX1KHao9l7NSAYn/uQgwCgYIKoZIzj0EAwIDSAAwRQIhAJ3kcyO/3KhTjS38zLMv\n"
    "/WRsVRPO7VAVAG/FSGW5SdrZAiAM8197pfEsTV2GCkJ4OJ7pokCtHRTBdUjM8A1r\n"
    "iySIjQ==\n"
    "-----END CERTIFICATE-----\n";

/// Of a receiver, not of an authority.
inline constexpr const char* receiver_certificate =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBQjCB6aADAgECAgEEMAoGCCqGSM49BAMCMBMxETAPBgNVBAMMCHJlY2VpdmVy\n"
    "MCAXDTI1MDEwMTAwMDAwMFoYDzIxMjUwMTAxMDAwMDAwWjATMREwDwYDVQQDDAhy\n"
    "ZWNlaXZlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLn+c6aMpkqrVc7WWzm8\n"
    "a5w4jA6hMUy1KlqwOIDNV0KGm1hZ/b+KkgeU9Y2DKIqILUnWSS6Fr4ovGKUFkMkp\n"
    "2aOjLDAqMAkGA1UdEwQCMAAwHQYDVR0OBBYEFJxS/hy0NfgQ7WJbdYQWxwryOTOM\n"
    "MAoGCCqGSM49BAMCA0gAMEUCIQCX3Kc1Isru998gJPbHIwWymTB4f9Wq7EHreRKJ\n"
    "xALWqgIgBRXb5qJMHHU70D03F9VdVmx2rRMqHM65wxK8X6xNHyk=\n"
    "-----END CERTIFICATE-----\n";

}  // namespace holdfast::api
