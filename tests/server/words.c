/*
 * The words of invented endpoint events. Everything here is JSON-escaped already, so that writing an event is copying.
 */
#include "words.h"

#include <stddef.h>

#define SYSTEM32 "C:\\\\Windows\\\\System32\\\\"
#define PROGRAMS "C:\\\\Program Files\\\\"
#define PROGRAMS86 "C:\\\\Program Files (x86)\\\\"

const struct word_program words_program[] = {
    {SYSTEM32, "svchost.exe", "Microsoft Windows Publisher", 0},
    {SYSTEM32, "lsass.exe", "Microsoft Windows Publisher", 0},
    {SYSTEM32, "services.exe", "Microsoft Windows Publisher", 0},
    {SYSTEM32, "cmd.exe", "Microsoft Windows", 0},
    {SYSTEM32, "conhost.exe", "Microsoft Windows", 0},
    {SYSTEM32, "taskhostw.exe", "Microsoft Windows", 0},
    {SYSTEM32, "RuntimeBroker.exe", "Microsoft Windows", 0},
    {SYSTEM32, "wbem\\\\WmiPrvSE.exe", "Microsoft Windows", 0},
    {SYSTEM32, "WindowsPowerShell\\\\v1.0\\\\powershell.exe", "Microsoft Windows", 0},
    {SYSTEM32, "rundll32.exe", "Microsoft Windows", 0},
    {SYSTEM32, "spoolsv.exe", "Microsoft Windows", 0},
    {"C:\\\\Windows\\\\", "explorer.exe", "Microsoft Windows", 0},
    {PROGRAMS "Google\\\\Chrome\\\\Application\\\\", "chrome.exe", "Google LLC", 0},
    {PROGRAMS "Mozilla Firefox\\\\", "firefox.exe", "Mozilla Corporation", 0},
    {PROGRAMS86 "Microsoft\\\\Edge\\\\Application\\\\", "msedge.exe", "Microsoft Corporation", 0},
    {PROGRAMS "Microsoft Office\\\\root\\\\Office16\\\\", "OUTLOOK.EXE", "Microsoft Corporation",
     0},
    {PROGRAMS "Microsoft Office\\\\root\\\\Office16\\\\", "WINWORD.EXE", "Microsoft Corporation",
     0},
    {PROGRAMS "Microsoft Office\\\\root\\\\Office16\\\\", "EXCEL.EXE", "Microsoft Corporation", 0},
    {PROGRAMS "Palo Alto Networks\\\\Traps\\\\", "cyserver.exe",
     "Palo Alto Networks (Netherlands) B.V.", 0},
    {PROGRAMS "Git\\\\cmd\\\\", "git.exe", "Johannes Schindelin", 0},
    {PROGRAMS "Zoom\\\\bin\\\\", "Zoom.exe", "Zoom Video Communications, Inc.", 0},
    {PROGRAMS86 "Jenkins\\\\", "agent-java.exe", NULL, 0},
    {"C:\\\\Users\\\\Public\\\\Tools\\\\", "invoice-sync.exe", NULL, 0},
    {"C:\\\\ProgramData\\\\Updater\\\\", "update-helper.exe", NULL, 0},
    {"/usr/bin/", "bash", NULL, 1},
    {"/usr/bin/", "curl", NULL, 1},
    {"/usr/bin/", "python3.11", NULL, 1},
    {"/usr/sbin/", "sshd", NULL, 1},
    {"/usr/sbin/", "cron", NULL, 1},
    {"/usr/lib/systemd/", "systemd-journald", NULL, 1},
    {"/usr/lib/jvm/java-17-openjdk-amd64/bin/", "java", NULL, 1},
    {"/opt/traps/bin/", "pmd", NULL, 1},
    {"/usr/sbin/", "nginx", NULL, 1},
    {"/usr/lib/postgresql/15/bin/", "postgres", NULL, 1},
    {"/usr/bin/", "containerd-shim-runc-v2", NULL, 1},
    {NULL, NULL, NULL, 0},
};

const char *const words_windows_argument[] = {
    "--type=renderer",
    "--lang=en-US",
    "--no-appcompat-clear",
    "-k netsvcs -p -s Schedule",
    "/c \\\"whoami /all\\\"",
    "-NoProfile -ExecutionPolicy RemoteSigned",
    "-File \\\"C:\\\\Scripts\\\\inventory.ps1\\\"",
    "/p:Configuration=Release",
    "/m /nologo",
    "--field-trial-handle",
    "--enable-features=NetworkServiceInProcess",
    "--device-scale-factor=1",
    "-Embedding",
    "/automation",
    "--user-data-dir=C:\\\\Users\\\\Public\\\\Profile",
    "-ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca",
    "/s /q",
    "-Command Get-Service",
    "--metrics-client-id",
    "--mojo-platform-channel-handle",
    "/prefetch:8",
    "-secured -Embedding",
    "C:\\\\Users\\\\Public\\\\Documents\\\\r\xc3\xa9sum\xc3\xa9.docx",
    "/dde",
    "--update \\u2713",
    "-Xmx2048m -jar C:\\\\ProgramData\\\\agent\\\\agent.jar",
    NULL};

const char *const words_linux_argument[] = {"-c \\\"set -o pipefail; ls -la /var/log\\\"",
                                            "--config /etc/app/config.yml",
                                            "-D",
                                            "-R",
                                            "-Djava.io.tmpdir=/var/tmp",
                                            "-XX:+UseG1GC",
                                            "-Xms512m",
                                            "-classpath /opt/app/lib/app.jar",
                                            "--data-dir=/var/lib/app",
                                            "--log-level=info",
                                            "-namespace moby",
                                            "-m http.server 8080",
                                            "-fsSL https://mirror.example.net/packages/index.json",
                                            "--no-daemon",
                                            "-o /tmp/out.json",
                                            "--unit=backup.service",
                                            "-e 's/\\t/ /g'",
                                            "worker process",
                                            NULL};

const char *const words_windows_file[] = {"C:\\\\Users\\\\Public\\\\Documents\\\\report-",
                                          "C:\\\\Windows\\\\Temp\\\\cab_",
                                          "C:\\\\Windows\\\\Prefetch\\\\CHROME.EXE-",
                                          "C:\\\\ProgramData\\\\Cache\\\\entry_",
                                          "C:\\\\Windows\\\\SoftwareDistribution\\\\Download\\\\kb",
                                          "D:\\\\Build\\\\obj\\\\unit_",
                                          NULL};

const char *const words_linux_file[] = {"/var/log/app/app-",
                                        "/tmp/tmp.",
                                        "/var/lib/postgresql/15/main/base/16384/",
                                        "/home/build/.cache/obj_",
                                        "/run/user/1000/part-",
                                        NULL};

const char *const words_registry_key[] = {
    "HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Microsoft\\\\Windows\\\\CurrentVersion\\\\Run",
    "HKEY_LOCAL_MACHINE\\\\SYSTEM\\\\CurrentControlSet\\\\Services\\\\W32Time\\\\Config",
    "HKEY_USERS\\\\.DEFAULT\\\\Software\\\\Microsoft\\\\Internet Explorer\\\\Main",
    "HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Policies\\\\Microsoft\\\\Windows Defender",
    "HKEY_CURRENT_USER\\\\Software\\\\Microsoft\\\\Office\\\\16.0\\\\Common\\\\Identity",
    "HKEY_LOCAL_MACHINE\\\\SYSTEM\\\\CurrentControlSet\\\\Control\\\\Session Manager",
    NULL};

const char *const words_registry_value[] = {"ImagePath", "Start",   "LastKnownGoodTime",
                                            "Enabled",   "Version", "PendingFileRenameOperations",
                                            NULL};

const char *const words_domain[] = {"corp.example", "emea.corp.example", "lab.example.net", NULL};

const char *const words_first_name[] = {"anna",  "ben",  "carla", "dmitri", "elif",
                                        "fatou", "goro", "hanna", "ivan",   "jin",
                                        "kofi",  "lena", "mateo", "noor",   NULL};

const char *const words_last_name[] = {"abel",  "brandt", "chen",  "diaz",   "evans", "fischer",
                                       "gupta", "hoshi",  "imani", "jensen", "kowal", NULL};

const char *const words_module[] = {SYSTEM32 "ntdll.dll",
                                    SYSTEM32 "kernel32.dll",
                                    SYSTEM32 "user32.dll",
                                    SYSTEM32 "crypt32.dll",
                                    SYSTEM32 "ws2_32.dll",
                                    SYSTEM32 "amsi.dll",
                                    SYSTEM32 "wininet.dll",
                                    SYSTEM32 "dbghelp.dll",
                                    SYSTEM32 "drivers\\\\tcpip.sys",
                                    SYSTEM32 "bcrypt.dll",
                                    NULL};
