/*
 * The subjects of invented alerts.
 */
#include "cortex_alert_words.h"

#include <stddef.h>

#define AGENT "XDR Agent"
#define BIOC "XDR BIOC"
#define ANALYTICS "XDR Analytics"
#define FIREWALL "PAN NGFW"
#define DETECTED "DETECTED", "Detected"
#define BLOCKED "BLOCKED", "Prevented (Blocked)"
#define PROCESS "Process Execution"
#define NETWORK "Network Connections"

const struct cortex_alert_words cortex_alert_words[CORTEX_ALERT_WORDS] = {
    {"Unsigned binary started from a user folder", "Execution", BIOC, "low", PROCESS,
     "TA0002 - Execution", "T1204.002 - User Execution: Malicious File", DETECTED, TOPIC_PROCESS},
    {"Script interpreter with an encoded command", "Execution", BIOC, "medium", PROCESS,
     "TA0002 - Execution", "T1059.001 - Command and Scripting Interpreter: PowerShell", DETECTED,
     TOPIC_PROCESS},
    {"Credential store read by an unusual process", "Credential Access", ANALYTICS, "high", PROCESS,
     "TA0006 - Credential Access", "T1003 - OS Credential Dumping", DETECTED, TOPIC_PROCESS},
    {"Malware verdict on a written file", "Malware", AGENT, "medium", "File Event", NULL, NULL,
     BLOCKED, TOPIC_FILE},
    {"Many files renamed within seconds", "Impact", AGENT, "critical", "File Event",
     "TA0040 - Impact", "T1486 - Data Encrypted for Impact", BLOCKED, TOPIC_FILE},
    {"Program added to start with the session", "Persistence", BIOC, "informational",
     "Registry Event", "TA0003 - Persistence",
     "T1547.001 - Boot or Logon Autostart Execution: Registry Run Keys", DETECTED, TOPIC_REGISTRY},
    {"Port sweep from one host", "Discovery", ANALYTICS, "low", NETWORK, "TA0007 - Discovery",
     "T1046 - Network Service Scanning", DETECTED, TOPIC_NETWORK},
    {"Connection to an address of low reputation", "Command and Control", ANALYTICS, "medium",
     NETWORK, "TA0011 - Command and Control", "T1071 - Application Layer Protocol", DETECTED,
     TOPIC_NETWORK},
    {"Large upload outside of working hours", "Exfiltration", ANALYTICS, "high", NETWORK,
     "TA0010 - Exfiltration", "T1048 - Exfiltration Over Alternative Protocol", DETECTED,
     TOPIC_NETWORK},
    {"Exploit attempt against a web service", "Vulnerability", FIREWALL, "high", NETWORK,
     "TA0001 - Initial Access", "T1190 - Exploit Public-Facing Application", "BLOCKED_9",
     "Prevented (Terminated The Session)", TOPIC_NETWORK},
    {"Mail with a link that looks like a sign-in page", "Phishing", FIREWALL, "low", NETWORK,
     "TA0001 - Initial Access", "T1566.002 - Phishing: Spearphishing Link", DETECTED, TOPIC_MAIL},
    {"Agent rule matched without a known severity", "Other", AGENT, "unknown", PROCESS, NULL, NULL,
     DETECTED, TOPIC_PROCESS},
};
