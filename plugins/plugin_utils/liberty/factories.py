# SPDX-FileCopyrightText: 2026 The zosconnect.security contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Elements that the catalogue does not know, but Liberty: each of them without id is one of its own (a factory).

Source: the server schema of Open Liberty 26.0.0.3. Liberty knows an element only where a feature of it is on; without
that it merges those without id into one, but then they have no effect either.
"""

from __future__ import annotations

_NAMES = """
    acmeRevocationChecker acmeTransportConfig activationSpec activedLdapFilterProperties adminObject auditEvent
    auditFileHandler batchJmsDispatcher batchJmsEvents batchJmsExecutor bell cache cacheManager cachingProvider
    classloader cloudant cloudantDatabase compression concurrencyPolicy connectionFactory connectionManager
    contextService couchdb customLdapFilterProperties dataSource databaseStore distributedMap
    domino50LdapFilterProperties edirectoryLdapFilterProperties ejbApplication enterpriseApplication
    federatedRepository fileset grpc grpcClient headers httpAccessLogging httpOptions httpProxyRedirect
    idsLdapFilterProperties iiopEndpoint iiopServerPolicies iplanetLdapFilterProperties jaasLoginContextEntry
    jaasLoginModule javaPermission jdbcDriver jmsActivationSpec jmsConnectionFactory jmsDestination jmsQueue
    jmsQueueConnectionFactory jmsTopic jmsTopicConnectionFactory jndiEntry jndiObjectFactory jndiReferenceEntry
    jndiURLEntry jwtConsumer ldapRegistry library mailSession managedExecutorService
    managedScheduledExecutorService managedThreadFactory mongo mongoDB mpJwt netscapeLdapFilterProperties
    oauth-roles oauth2Login oauthProvider oidcLogin okdServiceLogin openidConnectProvider orb persistentExecutor
    remoteIp resourceAdapter samesite samlWebSso20 securewayLdapFilterProperties sipEndpoint
    springBootApplication tcpOptions trustAssociation userInfo virtualHost wasJmsOutbound webTarget
"""

FACTORIES = frozenset(_NAMES.split())
