"""Commands, directives and calls: what is found where they have their secret, and what looks like it and is none."""

import pytest

from keysift.detect import pieces, usages
from keysift.detect.findings import scan_blob
from keysift.detect.matcher import Matcher
from keysift.model import Blob, Finding, Rule
from keysift.rules.generate import instance

FOUND = [
    ("deploy.sh", "redis-cli -h cache -p 6379 -a SECRET FLUSHALL"),
    ("docker-compose.yml", '    command: ["redis-server", "--appendonly", "yes", "--requirepass", "SECRET"]\n'),
    (
        "k8s.yaml",
        "        command:\n        - redis-server\n        - --requirepass\n        - SECRET\n        - --tls\n",
    ),
    ("k8s.yaml", 'livenessProbe:\n  exec:\n    command: [redis-cli, -a, "SECRET", ping]\n'),
    (
        "docker-compose.yml",
        '    healthcheck:\n      test: ["CMD-SHELL", "mysqladmin ping -h localhost -uroot -pSECRET || exit 1"]\n',
    ),
    ("backup.sh", "mysqldump -u root -p'SECRET' --all-databases | gzip > /backup/all.sql.gz"),
    ("backup.sh", "docker exec db mysqldump -uroot -pSECRET shop > shop.sql"),
    ("crontab", "0 3 * * * /usr/bin/mysqldump -ubackup -pSECRET shop > /backup/shop.sql"),
    ("x.py", 'os.system("mysql -uroot -pSECRET shop < schema.sql")'),
    ("x.rb", 'system("mysql -u root -pSECRET shop < db.sql")'),
    ("x.go", 'cmd := exec.Command("mysqldump", "-uroot", "-pSECRET", "shop")'),
    ("x.rs", 'Command::new("redis-cli").arg("-a").arg("SECRET").arg("ping")'),
    ("README.md", "```sh\nredis-cli -h cache.acme.io -a SECRET\n```\n"),
    ("Jenkinsfile", "sh 'curl -u jenkins:SECRET -T app.war https://repo.acme.io/app.war'"),
    (".github/workflows/x.yml", '      - run: curl -fsSL -u "ci:SECRET" https://repo.acme.io/a.tgz | tar xz\n'),
    (".gitlab-ci.yml", '  script:\n    - \'curl --header "X: y" --user "ci:SECRET" https://repo.acme.io/\'\n'),
    ("x.sh", 'curl -u ":SECRET" https://api.acme.io/v1/me'),
    ("x.sh", "curl -u 'SECRET:' https://api.acme.io/v1/me -d amount=5"),
    ("x.sh", "curl --proxy-user proxy:SECRET -x proxy:3128 https://acme.io"),
    ("x.bat", "curl.exe -u ops:SECRET ^\n  -T a.zip https://repo.acme.io/"),
    ("x.sh", "wget --user=ci --password='SECRET' https://repo.acme.io/a.tgz"),
    ("x.sh", "http --auth ops:SECRET POST https://acme.io/api a=b"),
    ("x.sh", "ldapmodify -x -D cn=admin,dc=acme -w 'SECRET' -f change.ldif"),
    ("x.sh", "sqlcmd -S tcp:db.acme.io,1433 -U sa -P 'SECRET' -i schema.sql"),
    ("x.bat", "sqlcmd -S .\\SQLEXPRESS -U sa -P SECRET -i init.sql"),
    ("x.sh", "sqlplus -s system/SECRET@//db:1521/XEPDB1 <<EOF\nselect 1 from dual;\nEOF"),
    ("x.sh", "impdp system/SECRET@orcl directory=d dumpfile=a.dmp"),
    ("x.sh", "mongodump --host db --username backup --password SECRET --out /b"),
    (
        "k8s.yaml",
        "command:\n  - mongosh\n  - -u\n  - root\n  - -p\n  - SECRET\n",
    ),
    ("x.sh", "cypher-shell -u neo4j -p SECRET 'MATCH (n) RETURN count(n)'"),
    ("x.sh", "influx -host db -username root -password 'SECRET' -execute 'SHOW DATABASES'"),
    ("x.sh", "sshpass -p SECRET ssh -o StrictHostKeyChecking=no root@10.0.0.4 reboot"),
    ("x.bat", 'plink.exe -ssh ops@web1 -pw SECRET "systemctl restart app"'),
    ("x.bat", "psexec \\\\web1 -u acme\\ops -p SECRET -s cmd.exe"),
    ("x.bat", "net use \\\\files\\backup /user:acme\\svc SECRET"),
    ("x.ps1", 'net user Administrator "SECRET"'),
    ("x.bat", "schtasks /create /tn nightly /tr C:\\b.cmd /sc daily /ru acme\\svc /rp SECRET"),
    ("x.sh", "xfreerdp /u:ops /p:'SECRET' /v:10.0.0.9:3389"),
    ("x.sh", "x11vnc -display :0 -forever -passwd SECRET"),
    ("x.sh", "rpcclient -U 'acme/ops%SECRET' dc1 -c enumdomusers"),
    ("x.sh", "smbmap -u ops -p 'SECRET' -H 10.0.0.9"),
    ("x.sh", "lftp -u deploy,SECRET -e 'mirror -R dist /www; quit' sftp://web1"),
    ("x.sh", "aria2c --enable-rpc --rpc-secret=SECRET --daemon"),
    ("Dockerfile", "RUN htpasswd -bc /etc/nginx/.htpasswd admin SECRET\n"),
    ("x.sh", "docker run --rm httpd:2 htpasswd -Bbn ci SECRET > auth/htpasswd"),
    ("Dockerfile", "RUN echo 'root:SECRET' | chpasswd\n"),
    ("x.sh", "chpasswd <<< 'ops:SECRET'"),
    ("x.sh", "echo 'SECRET' | passwd --stdin ops"),
    ("x.sh", "echo SECRET | sudo -S systemctl restart app"),
    ("x.sh", 'echo "SECRET" | docker login --username ci --password-stdin registry.acme.io'),
    ("x.ps1", 'docker login -u ci -p "SECRET" acme.azurecr.io'),
    ("x.sh", "podman login --username ci --password SECRET registry.acme.io"),
    ("x.sh", "helm repo add acme https://charts.acme.io --username ci --password SECRET"),
    ("x.sh", "oc login https://api.acme.io:6443 -u admin -p SECRET --insecure-skip-tls-verify"),
    ("x.sh", "az login --service-principal -u http://acme -p SECRET --tenant acme.io"),
    ("x.sh", "kubectl config set-credentials ci --token=SECRET"),
    (
        "x.sh",
        "kubectl create secret docker-registry r --docker-server=r.acme.io --docker-password=SECRET",
    ),
    ("x.sh", "vault login -no-print SECRET"),
    ("x.sh", "etcdctl --endpoints=https://e1:2379 --user root:SECRET snapshot save s.db"),
    ("x.sh", "npm config set //npm.acme.io/:_authToken=SECRET"),
    ("x.sh", "twine upload --repository-url https://pypi.acme.io -u ci -p SECRET dist/*"),
    ("x.sh", "cargo login SECRET"),
    ("x.sh", "dotnet nuget push out/*.nupkg -k SECRET -s https://nuget.acme.io"),
    ("x.sh", "./gradlew publish -PrepoUser=ci -PrepoPassword=SECRET"),
    ("x.sh", "jarsigner -storepass 'SECRET' -keystore release.jks app.apk release"),
    ("x.sh", "openssl enc -aes-256-cbc -d -in a.enc -out a -k SECRET"),
    ("x.sh", "gpg --batch --yes --passphrase 'SECRET' -c backup.tar"),
    ("x.sh", "7z a -t7z -pSECRET -mhe=on backup.7z /data"),
    ("x.sh", "unzip -o -P 'SECRET' a.zip -d out"),
    ("x.sh", 'security unlock-keychain -p "SECRET" ~/Library/Keychains/build.keychain'),
    ("x.sh", "rabbitmqctl add_user ops SECRET"),
    ("x.sh", "mosquitto_pub -h mqtt -u dev -P SECRET -t t -m m"),
    ("x.sh", "kcat -b k:9093 -X security.protocol=SASL_SSL -X sasl.password=SECRET -L"),
    ("x.sh", "snmpget -v2c -c SECRET 10.0.0.2 sysName.0"),
    ("x.cfg", "define command {\n  command_line /usr/lib/nagios/check_mysql -H db -u nagios -p SECRET\n}"),
    ("x.sh", "wpa_passphrase AcmeCorp SECRET >> /etc/wpa_supplicant.conf"),
    ("x.sh", "swaks -t a@acme.io -s mx.acme.io -a LOGIN -au ops@acme.io -ap SECRET"),
    ("x.service", "ExecStart=/usr/bin/redis-server --port 6379 --requirepass SECRET\n"),
    ("x.tf", '  provisioner "local-exec" {\n    command = "sshpass -p SECRET ssh root@web1 uptime"\n  }\n'),
    ("redis.conf", "bind 0.0.0.0\nrequirepass SECRET\nappendonly yes\n"),
    ("replica.conf", "replicaof 10.0.0.1 6379\nmasterauth SECRET\n"),
    ("users.acl", "user app on >SECRET ~app:* +@all\n"),
    ("r1.cfg", "hostname r1\nenable password SECRET\n"),
    ("r1.cfg", "username ops privilege 15 secret SECRET\n"),
    ("r1.cfg", "crypto isakmp key SECRET address 0.0.0.0\n"),
    ("r1.cfg", "tacacs-server host 10.0.0.6 key SECRET\n"),
    ("snmpd.conf", "com2sec readonly default SECRET\n"),
    ("haproxy.cfg", "userlist ops\n    user admin insecure-password SECRET\n"),
    ("slapd.conf", 'rootdn "cn=admin,dc=acme"\nrootpw SECRET\n'),
    ("apache.conf", 'AuthLDAPBindDN cn=ro,dc=acme\nAuthLDAPBindPassword "SECRET"\n'),
    ("ks.cfg", "rootpw --plaintext SECRET\n"),
    ("interfaces", "iface wlan0 inet dhcp\n  wpa-ssid Acme\n  wpa-psk SECRET\n"),
    ("squid.conf", "cache_peer up.acme.io parent 3128 0 no-query login=svc:SECRET\n"),
    ("vyos.cfg", "set system login user vyos authentication plaintext-password 'SECRET'\n"),
    ("hostapd.conf", "ssid=Acme\nwpa=2\nwpa_passphrase=SECRET\n"),
    ("x.php", "$db = new mysqli('localhost', 'app', 'SECRET', 'shop');"),
    ("x.php", '$conn = mysqli_connect("localhost","root","SECRET","shop");'),
    ("x.php", "$pdo = new PDO(\"mysql:host=$host;dbname=$db\", 'root', 'SECRET', $options);"),
    ("x.php", "$c = oci_connect('hr', 'SECRET', 'localhost/XE');"),
    ("x.php", "ssh2_auth_password($c, 'root', 'SECRET');"),
    ("x.php", "$m = imap_open('{imap.acme.io:993/ssl}', 'ops@acme.io', 'SECRET');"),
    ("x.php", "$sig = hash_hmac('sha256', $payload, 'SECRET');"),
    ("x.php", "curl_setopt($ch, CURLOPT_USERPWD, 'ops:SECRET');"),
    ("x.java", 'Connection c = DriverManager.getConnection("jdbc:mysql://localhost:3306/shop", "root", "SECRET");'),
    ("x.java", 'con = DriverManager.getConnection(URL, USER, "SECRET");'),
    ("x.java", 'return new PasswordAuthentication("ops@acme.io", "SECRET");'),
    ("x.java", 'provider.setCredentials(AuthScope.ANY, new UsernamePasswordCredentials("ops", "SECRET"));'),
    ("x.java", 'String a = okhttp3.Credentials.basic("ops", "SECRET");'),
    ("x.java", 'headers.setBasicAuth("ops", "SECRET");'),
    ("x.scala", 'ws.url(u).withAuth("ops", "SECRET", WSAuthScheme.BASIC)'),
    ("x.java", 'Algorithm a = Algorithm.HMAC256("SECRET");'),
    ("x.java", 'JWSSigner s = new MACSigner("SECRET");'),
    ("x.java", 'ftpClient.login("deploy", "SECRET");'),
    ("x.java", 'MongoCredential c = MongoCredential.createCredential("app", "admin", "SECRET".toCharArray());'),
    ("x.java", 'InfluxDB db = InfluxDBFactory.connect("http://db:8086", "root", "SECRET");'),
    ("x.java", 'BasicAWSCredentials c = new BasicAWSCredentials("AK" + id, "SECRET");'),
    ("x.groovy", "def sql = Sql.newInstance('jdbc:mysql://db/shop', 'root', 'SECRET', 'com.mysql.Driver')"),
    ("x.cs", 'client.Credentials = new NetworkCredential("ops@acme.io", "SECRET");'),
    ("x.cs", 'client.Authenticate("ops@acme.io", "SECRET");'),
    ("x.cs", 'using (var sftp = new SftpClient("web1", "deploy", "SECRET"))'),
    ("x.cs", 'var cert = new X509Certificate2("client.pfx", "SECRET");'),
    ("x.cs", 'var cred = new ClientSecretCredential(tenantId, clientId, "SECRET");'),
    ("x.cs", 'Membership.CreateUser("admin", "SECRET");'),
    ("x.cs", '"https://acme.io".WithBasicAuth("ops", "SECRET").GetAsync();'),
    ("x.py", "r = requests.post(url, json=d, auth=HTTPBasicAuth('ops', 'SECRET'), timeout=5)"),
    ("x.py", "es = Elasticsearch(['https://es:9200'], http_auth=('elastic', 'SECRET'))"),
    ("x.py", 'db = pymysql.connect("localhost", "root", "SECRET", "shop")'),
    ("x.py", "con = cx_Oracle.connect('scott/SECRET@db/XE')"),
    ("x.py", "client.username_pw_set('dev', 'SECRET')"),
    ("x.py", "ftp = ftplib.FTP('ftp.acme.io', 'deploy', 'SECRET')"),
    ("x.py", 'server.login("ops@acme.io", "SECRET")'),
    ("x.py", "c = AES.new(b'SECRET', AES.MODE_GCM)"),
    ("x.py", "s = URLSafeTimedSerializer('SECRET')"),
    ("x.py", "User.objects.create_superuser('admin', 'a@acme.io', 'SECRET')"),
    ("x.py", "mgr.add_password(None, 'https://acme.io', 'ops', 'SECRET')"),
    ("x.js", 'jwt.verify(token, "SECRET", (e, d) => next());'),
    ("x.js", "app.use(cookieParser('SECRET'));"),
    ("x.js", "const c = crypto.createCipheriv('aes-256-cbc', Buffer.from('SECRET'), iv);"),
    ("x.js", 'const bytes = CryptoJS.AES.decrypt(s, "SECRET");'),
    ("x.js", "request.get(u).auth('ops', 'SECRET', false)"),
    ("x.ts", "await signInWithEmailAndPassword(auth, 'a@acme.io', 'SECRET');"),
    ("x.js", "redisClient.auth('SECRET');"),
    ("x.js", "bcrypt.hashSync('SECRET', 10)"),
    ("x.go", 'auth := smtp.PlainAuth("", "ops@acme.io", "SECRET", "smtp.acme.io")'),
    ("x.go", 'd := gomail.NewDialer("smtp.acme.io", 587, "ops", "SECRET")'),
    ("x.go", 'var store = sessions.NewCookieStore([]byte("SECRET"))'),
    ("x.go", 'block, err := aes.NewCipher([]byte("SECRET"))'),
    ("x.go", 'creds := credentials.NewStaticCredentials(id, "SECRET", "")'),
    ("x.go", 'nats.Connect(url, nats.UserInfo("app", "SECRET"))'),
    ("x.rb", 'request.basic_auth("ops", "SECRET")'),
    ("x.rb", "  config.omniauth :github, 'abc123', 'SECRET', scope: 'user'"),
    ("x.rb", "JWT.encode payload, 'SECRET', 'HS256'"),
    ("x.rb", "Net::FTP.open('ftp.acme.io', 'deploy', 'SECRET') do |f|"),
    ("x.cpp", 'db.setPassword("SECRET");'),
    ("x.ino", 'WiFi.begin("AcmeNet", "SECRET");'),
    ("x.pl", 'my $dbh = DBI->connect("dbi:mysql:shop", "root", "SECRET");'),
    ("x.swift", 'let c = URLCredential(user: "ops", password: "SECRET", persistence: .none)'),
    ("x.rs", 'let c = Credentials::new("ops".to_string(), "SECRET".to_string());'),
    ("x.ex", 'auth = Plug.BasicAuth.encode_basic_auth("ops", "SECRET")'),
    ("x.lua", "conn = env:connect('shop', 'root', 'SECRET', 'localhost')"),
    ("x.py", "wlan.connect('AcmeNet', 'SECRET')"),
]
"""Files and their text, with SECRET for the secret."""
NOT_FOUND = [
    ("a.sh", "redis-cli -h h -a $REDIS_PASSWORD ping"),
    ("a.sh", 'redis-cli -a "$(cat /run/secrets/redis)" ping'),
    ("a.yml", 'command: ["redis-server", "--requirepass", "$(REDIS_PASSWORD)"]'),
    ("a.yml", 'command: redis-server --requirepass "{{ redis_password }}"'),
    ("a.sh", "mysql -u root -p$MYSQL_ROOT_PASSWORD app"),
    ("a.sh", "mysql -u root -p`cat /run/pw` app"),
    ("Makefile", "\tmysql -u root -p$$DB_PASS app"),
    ("a.ps1", "mysql -u root -p$env:DB_PASS app"),
    ("a.py", 'subprocess.run(["mysql", "-u", user, f"-p{password}"])'),
    ("a.py", 'os.system("mysql -u root -p%s app2024x" % password)'),
    ("a.rb", 'system("mysql -u root -p#{password} app2024x")'),
    ("a.rs", 'Command::new("redis-cli").arg("-a").arg(&password).arg("x9Kd83kfA")'),
    ("a.sh", "curl -u $USER:$PASS https://a.io"),
    ("a.sh", "curl -u user: https://a.io"),
    ("a.sh", "curl -u USERNAME:PASSWORD https://a.io"),
    ("a.sh", "curl -u admin:admin https://a.io"),
    ("a.sh", "curl -u your-username:your-password https://a.io"),
    ("a.sh", "curl -u %USER%:%PASS% https://a.io"),
    ("a.sh", "curl --user ${{ secrets.USER }}:${{ secrets.PASS }} https://a.io"),
    ("a.sh", "curl -u oauth2:$TOKEN https://a.io"),
    ("a.sh", "sshpass -e ssh -p 2222 root@h"),
    ("a.sh", "ssh -p 22022 root@h-VALUE"),
    ("a.sh", "docker login -u ci --password-stdin reg-VALUE.io"),
    ("a.sh", "docker login -u AWS -p $(aws ecr get-login-password) 1.dkr.ecr"),
    ("a.sh", 'printf "%s" "$PASS" | docker login -u ci --password-stdin'),
    ("a.sh", 'echo "root:$ROOT_PW" | chpasswd'),
    ("a.sh", "echo root:VALUE"),
    ("a.sh", "echo VALUE | base64 -d"),
    ("a.sh", "echo VALUE > out; sudo -S true"),
    ("a.sh", 'vault login "$VAULT_TOKEN"'),
    ("a.sh", "vault read secret/data/VALUE"),
    ("a.sh", 'htpasswd -bc .htpasswd "$U" "$P"'),
    ("a.sh", "htpasswd -nB user_VALUE"),
    ("a.bat", "net use Z: \\\\srv\\share %PW% /user:x"),
    ("a.bat", "net use Z: /delete"),
    ("a.bat", "net start VALUE"),
    ("a.sh", 'sqlcmd -S h -U sa -P "$SA_PASSWORD"'),
    ("a.sh", "sqlcmd -S h -U sa -P $(SA_PW) -i VALUE.sql"),
    ("a.sh", "ldapsearch -x -W -D cn=admin -b ou=VALUE"),
    ("a.sh", "ldapsearch -w $PW -D cn=admin"),
    ("a.sh", "ldapsearch -x -w password"),
    ("a.sh", "openssl rsa -passin file:VALUE"),
    ("a.sh", "openssl enc -K $key -iv VALUE"),
    ("a.sh", "openssl dgst -sha256 -sign VALUE"),
    ("a.sh", "keytool -list -keystore k -storepass changeit"),
    ("a.sh", "keytool -list -alias VALUE"),
    ("a.sh", "7z x VALUE.7z"),
    ("a.sh", "zip -r VALUE.zip d"),
    ("a.sh", 'unzip -P "$P" VALUE.zip'),
    ("a.sh", "tar -xpf VALUE.tar"),
    ("a.sh", 'gpg --passphrase "$P" -d VALUE'),
    ("a.sh", "rabbitmqctl add_vhost vh_VALUE"),
    ("a.sh", "rabbitmqctl set_user_tags user_VALUE administrator"),
    ("a.sh", "mosquitto_sub -h h -p 8883 -t dev/VALUE"),
    ("a.sh", "snmpwalk -v2c -c public 10.0.0.1 VALUE"),
    ("a.sh", "ipmitool -H h -U ADMIN -f VALUE"),
    ("a.sh", "nmcli dev wifi connect ssid_VALUE"),
    ("a.sh", 'wpa_passphrase "$SSID" "$PSK"'),
    ("a.sh", "kubectl create secret generic x --from-literal=password=$P"),
    ("a.sh", "kubectl create ingress x --secret web-tls-2024"),
    ("a.sh", "helm upgrade app_VALUE chart"),
    ("a.sh", "oc login --token=$TOKEN --server=https://api-VALUE:6443"),
    ("a.sh", "aws configure set region eu-VALUE"),
    ("a.sh", "npm config set //r.io/:_authToken ${NPM_TOKEN}"),
    ("a.sh", "twine upload -u __token__ -p $P dist/VALUE"),
    ("a.sh", "gem push VALUE.gem"),
    ("a.sh", "mvn deploy -Dversion=VALUE"),
    ("a.sh", "useradd -m -s /bin/bash user_VALUE"),
    ("a.sh", "usermod -aG docker user_VALUE"),
    ("a.sh", "tool --password-file /run/VALUE"),
    ("a.sh", "tool --password"),
    ("a.sh", "tool --password [PASSWORD]"),
    ("a.sh", "tool --password your_password_here"),
    ("a.sh", "tool --password xxxxxxxx"),
    ("a.sh", "tool --password @/run/VALUE"),
    ("a.py", "parser.add_argument('--token', metavar='TOKEN2024X')"),
    ("a.go", 'flag.String("password", "", "the password of user2024")'),
    ("a.py", 'argv = ["--password", args.password]'),
    ("a.md", "  --password string   The password to use for basic auth (v2.14.1)"),
    ("a.md", "| `--password` | string | `admin2024` is not the default |"),
    ("a.1", "\\fB\\-\\-password\\fR=\\fIPASS\\fR"),
    ("a.txt", "usage: mysql [-u user] [-pPASSWORD] [db]"),
    ("a.txt", "sqlcmd [-U login id] [-P password] [-S server]"),
    ("redis.conf", "requirepass foobared"),
    ("redis.conf", "requirepass ${PW}"),
    ("a.md", "The `requirepass` directive sets it"),
    ("r1.cfg", "enable secret 5 $1$abcd$w8Kd83kfA92kdLs03ksl1."),
    ("r1.cfg", "enable password 7 0822455D0A16544541"),
    ("r1.cfg", "username bob password 7 0822455D0A16544541"),
    ("r1.cfg", "snmp-server community <removed> RW"),
    ("r1.cfg", "tacacs-server key 7 0822455D0A16544541"),
    ("haproxy.cfg", "stats auth admin:admin"),
    ("slapd.conf", "rootpw {SSHA}kd82KslQkd82KslZkd82Ksabcd82kdA="),
    ("ldap.conf", "bindpw $PW"),
    ("a.exp", 'send "yes\\r"'),
    ("a.exp", 'send -- "$env(PW)\\r"'),
    ("x.txt", "the user name on > the right side"),
    ("x.log", "PASS test_login_2024 (0.2s)"),
    ("x.log", "PASS src/app.test.js (5.2s)"),
    ("ks.cfg", "rootpw --iscrypted $6$ab$cd82Ksl2kd82KslQkd82"),
    ("a.php", 'new mysqli($host, $user, $pass, "db_VALUE")'),
    ("a.php", 'mysqli_connect("localhost", "root", "password", "db")'),
    ("a.php", 'mysqli_connect(DB_HOST, DB_USER, DB_PASS, "db_VALUE")'),
    ("a.php", 'new PDO("sqlite:VALUE.db")'),
    ("a.php", "hash_hmac('sha256', 'VALUE', $key)"),
    ("a.php", "$ftp = ftp_login($c, $u, $p); // VALUE"),
    ("a.php", "curl_setopt($ch, CURLOPT_USERAGENT, 'bot:VALUE');"),
    ("a.java", 'DriverManager.getConnection("jdbc:mysql://h/db", "root", "")'),
    ("a.java", 'DriverManager.getConnection(url, "root", System.getenv("PW_2024"))'),
    ("a.java", 'new PasswordAuthentication("user_VALUE", pw.toCharArray())'),
    ("a.java", 'new SecretKeySpec(Base64.decode(k), "AES/CBC/PKCS5")'),
    ("a.java", 'Algorithm.HMAC256("secret")'),
    ("a.java", "Credentials.basic(user, pw)"),
    ("a.java", 'ks.load(new FileInputStream("VALUE.jks"), pw)'),
    ("a.java", "jedis.auth(config.getPassword())"),
    ("a.java", 'keyStore.getKey("VALUE", pw)'),
    ("a.cs", 'new NetworkCredential(user, pw, "DOM_VALUE")'),
    ("a.cs", "new NetworkCredential(string.Empty, securePassword)"),
    ("a.cs", "await _userManager.CreateAsync(user, model.Password)"),
    ("a.cs", 'new SshClient("host_VALUE", user, pw)'),
    ("a.py", 'requests.get(url, auth=("user", "pass"))'),
    ("a.py", "HTTPBasicAuth(u, p)"),
    ("a.py", 'jwt.decode(token, key, audience="VALUE")'),
    ("a.py", 'jwt.encode({"a": "VALUE"}, secret)'),
    ("a.py", 'AES.new(key, AES.MODE_CBC, b"VALUE")'),
    ("a.py", 'pika.PlainCredentials("guest", "guest")'),
    ("a.py", 'user.set_password("newpassword")'),
    ("a.py", 'server.login(user, os.getenv("PW_2024"))'),
    ("a.py", 'FTP("ftp.VALUE.io", user, pw)'),
    ("a.py", 'MySQLdb.connect("h", user, pw, "db_VALUE")'),
    ("a.js", "jwt.sign({ foo: 'bar' }, 'shhhhh')"),
    ("a.js", "jwt.verify(token, publicKey, { algorithms: ['RS256'] })"),
    ("a.js", "crypto.createHmac('sha256', key).update('VALUE')"),
    ("a.js", "CryptoJS.AES.encrypt('VALUE', key)"),
    ("a.js", "new Sequelize('database', 'username', 'password')"),
    ("a.js", "api.auth('bearer', tokenOf('VALUE'))"),
    ("a.js", "app.use(cookieParser(process.env.COOKIE_2024))"),
    ("a.js", "accounts: [deployer.address, 'kD8fQ2mZ']"),
    ("a.js", "router.push('/login', 'VALUE')"),
    ("a.go", "req.SetBasicAuth(user, pw)"),
    ("a.go", 'smtp.PlainAuth("", "user_VALUE@a.io", pw, "h")'),
    ("a.go", "hmac.New(sha256.New, key)"),
    ("a.go", 'url.UserPassword("user_VALUE", pw)'),
    ("a.go", 'sql.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s)/x", u, p, h))'),
    ("a.go", 'sql.Open("mysql", user+":"+pw+"@tcp(h:3306)/db2024")'),
    ("a.rb", "req.basic_auth ENV['U_2024'], ENV['P_2024']"),
    ("a.rb", "provider :developer, fields: [:VALUE]"),
    ("a.rb", "JWT.decode('VALUE', key)"),
    ("a.rb", "Net::FTP.open('VALUE.io')"),
    ("a.cpp", "db.setPassword(pw);"),
    ("a.cpp", 'WiFi.begin("YOUR_SSID", "YOUR_PASSWORD");'),
    ("a.pl", 'DBI->connect("dbi:Pg:dbname=VALUE", $u, $p)'),
    ("a.rs", 'client.get("VALUE").basic_auth(user, Some(pw))'),
    ("a.ex", "encode_basic_auth(user, pw)"),
    ("a.R", "authenticate(user, pw)"),
]
"""The same with VALUE for what looks like one and is none."""
OURS = {
    "command-password", "curl-user-password", "psexec-password", "directive-password", "argument-password",
    "dsn-password",
}  # fmt: skip


def found(matcher: Matcher, path: str, text: str) -> list[Finding]:
    return list(scan_blob(matcher, Blob(path, text.encode())).findings)


@pytest.mark.parametrize("kind", ["{{alnum:16}}", "{{password:14}}"])
def test_a_secret_is_found_where_a_command_a_directive_or_a_call_has_it(kind: str, matcher: Matcher) -> None:
    missed = []
    for path, text in FOUND:
        template = text.replace("SECRET", kind)
        written, values = instance(template)
        secrets = {finding.secret.decode() for finding in found(matcher, path, written)}
        if not secrets.intersection(values):
            missed.append((path, written))
    assert missed == []


def test_what_looks_like_it_and_is_none_is_not_found(matcher: Matcher) -> None:
    value = instance("{{alnum:16}}")[1][0]
    wrong = [
        (path, text, finding.rule.id)
        for path, text in NOT_FOUND
        for finding in found(matcher, path, text.replace("VALUE", value))
        if finding.rule.id in OURS
    ]
    assert wrong == []


@pytest.mark.parametrize("password", ["Winter2024!", "acme2023", "Admin@123", "falcon#4711"])
def test_what_a_person_made_up_counts_in_such_a_place(password: str, matcher: Matcher) -> None:
    [finding] = found(matcher, "deploy.sh", f"redis-cli -h cache -a '{password}' ping\n")
    assert finding.secret.decode() == password


@pytest.mark.parametrize("word", ["secret", "foobared", "correct-horse", "changeme", "password123", "12345678"])
def test_words_alone_and_what_counts_up_do_not(word: str, matcher: Matcher) -> None:
    assert found(matcher, "deploy.sh", f"redis-cli -h cache -a '{word}' ping\n") == []


def test_the_reason_names_the_usage(matcher: Matcher) -> None:
    text, [secret] = instance("redis-cli -a {{alnum:16}} ping")
    [finding] = found(matcher, "deploy.sh", text)
    assert finding.secret.decode() == secret
    assert "where 'redis-cli|valkey-cli|keydb-cli -a PASSWORD' has its password" in finding.verdict.reasons


def test_in_documents_and_tests_the_confidence_is_low(matcher: Matcher) -> None:
    text, _ = instance("redis-cli -a {{alnum:16}} ping")
    confidences = {
        path: found(matcher, path, text)[0].verdict.confidence for path in ("a.sh", "README.md", "tests/test_a.sh")
    }
    assert confidences == {"a.sh": "high", "README.md": "low", "tests/test_a.sh": "low"}


def reader_of(rule_id: str, rules: tuple[Rule, ...]) -> usages.Reader:
    return usages.reader(next(rule for rule in rules if rule.id == rule_id))


@pytest.mark.parametrize(
    ("rule_id", "text"),
    [
        ("command-password", b"hdbuserstore " + b"set " * 40_000),
        ("command-password", b"redis-cli " + b"-a " * 60_000),
        ("command-password", b"mysql -u \"root' " * 20_000),
        ("command-password", b'docker login "' + b"\\" * 100_000),
        ("command-password", b"- redis-cli\n" + b"- \n" * 60_000),
        ("directive-password", b"set " + b"system login user authentication " * 10_000),
        ("argument-password", b"new mysqli(" + b"((" * 60_000),
        ("argument-password", b"new mysqli(" + b"a," * 60_000),
        ("argument-password", b'jwt.sign("' * 20_000),
        ("argument-password", b"jwt.sign(" + b" || ?? or " * 20_000 + b'"x")'),
    ],
)
def test_hostile_text_is_read_no_farther_than_a_usage_reaches(
    rule_id: str, text: bytes, all_rules: tuple[Rule, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def noting(real: usages.Cut) -> usages.Cut:
        def cut(data: bytes, start: int, end: int, limit: int, most: int) -> usages.Pieces:
            read.append(limit - start)
            return real(data, start, end, limit, most)

        return cut

    monkeypatch.setattr(usages, "PIECES", {name: noting(real) for name, real in usages.PIECES.items()})
    reader = reader_of(rule_id, all_rules)
    assert list(reader.find(text, range(len(text)), len(text))) == []
    assert max(read, default=0) <= reader.reach


def test_a_repeated_name_is_not_read_from_each_place(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    real = usages.PIECES["command"]

    def counting(data: bytes, start: int, *rest: int) -> pieces.Pieces:
        looked.append(start)
        return real(data, start, *rest)

    monkeypatch.setitem(usages.PIECES, "command", counting)
    scan_blob(matcher, Blob("a.sh", b"curl -u a: " * 2000))
    assert 0 < len(looked) < 1000


def test_a_secret_is_found_again_from_its_place_alone(all_rules: tuple[Rule, ...]) -> None:
    reader = reader_of("command-password", all_rules)
    data = b"# a\nredis-cli -a tr0ub4dor8x ping\nmysql -pk3llerk1nd9 app\n"
    places = [(found.start, found.end) for found in reader.find(data, range(len(data)), len(data))]
    assert [data[start:end] for start, end in places] == [b"tr0ub4dor8x", b"k3llerk1nd9"]
    again = [reader.at(data, start, end) for start, end in places]
    assert [found and (found.start, found.end) for found in again] == places
    assert reader.at(data, 4, 13) is None


@pytest.mark.parametrize(
    "text",
    [
        "staging: login ops / pw SECRET\n",
        "user: bob@acme.io / password SECRET\n",
        "Login mit Benutzer, user bob, Passwort SECRET\n",
        "wifi guest, pw SECRET",
    ],
)
def test_a_note_says_who_signs_in_with_what(text: str, matcher: Matcher) -> None:
    written, [secret] = instance(text.replace("SECRET", "{{alnum:12}}"))
    [finding] = found(matcher, "notes.txt", written)
    assert (finding.secret.decode(), finding.verdict.confidence) == (secret, "low")


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "JSESSIONID", "value": "SECRET"}',
        '{"name":"session","path":"/","value":"x"}, {"name":"sid","value":"SECRET"}',
        "Cookie: theme=dark; acme_session=SECRET",
        ".acme.io\tTRUE\t/\tTRUE\t0\tPHPSESSID\tSECRET",
    ],
)
def test_a_cookie_has_the_id_of_a_session(text: str, matcher: Matcher) -> None:
    written, [secret] = instance(text.replace("SECRET", "{{loweralnum:32}}"))
    assert [(finding.rule.id, finding.secret.decode()) for finding in found(matcher, "a.har", written)] == [
        ("session-cookie", secret)
    ]
