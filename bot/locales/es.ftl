# Español: todas las frases de Atelier. Los valores van con su nombre entre llaves.

## Espera, trabajo, fin
queued = En la cola, puesto { $place }.
ready = Listo en unos { $seconds ->
    [one] 1 segundo
   *[other] { $seconds } segundos
}.
ready-at = Listo { $countdown }.
held = { $held ->
    [one] 1 crédito reservado
   *[other] { $held } créditos reservados
}, quedan { $left }.
held-alone = { $held ->
    [one] 1 crédito reservado.
   *[other] { $held } créditos reservados.
}
held-free = Gratis.
held-own-key = Pagado con tu propia clave: ningún crédito.
working = Trabajando en ello …
working-part = Trabajando en ello … { $percent } %
working-busy = El proveedor está ocupado: será tu turno en { $seconds ->
    [one] 1 segundo
   *[other] { $seconds } segundos
} más o menos.
working-loading = Primero se carga el modelo: { $seconds ->
    [one] 1 segundo
   *[other] { $seconds } segundos
} más o menos.
cancelled = Cancelado. No se cobra nada.
cancelled-own-key = Cancelado. Ningún crédito usado; lo que ya había empezado puede cobrarse en tu propia cuenta.
cancelling = { $count ->
    [one] Deteniéndolo. No se cobra ningún crédito.
   *[other] Deteniendo { $count } trabajos. No se cobra ningún crédito.
}
receipt = { $used ->
    [one] 1 crédito gastado
   *[other] { $used } créditos gastados
}, quedan { $left }.
receipt-part = Gastados { $used } de { $held } créditos, { $back } devueltos, quedan { $left }.
receipt-nothing = { $left ->
    [one] Queda 1 crédito.
   *[other] Quedan { $left } créditos.
}
receipt-free = Gratis.
receipt-own-key = Ningún crédito usado.
made-by = Hecho por { $model }.
made-by-other = Hecho por { $model }; { $asked } no pudo hacerlo ahora mismo.
made-before = Ya se hizo antes, de la misma petición exacta: gratis.
paid-by-own-key = Pagado con tu propia clave de { $vendor }.
own-key-fell-back = Tu propia clave de { $vendor } no pudo pagarlo; lo pagaron tus créditos.
model-old-name = «{ $asked }» equivale aquí a { $model }.
seed-left-out = { $model } no admite seed: el tuyo no se usó.
negative-left-out = { $model } no sabe excluir cosas: dilo en la descripción.
steps-left-out = { $model } elige él mismo sus pasos: los tuyos se han dejado fuera.
guidance-left-out = { $model } no admite guía: la tuya se ha dejado fuera.
quality-left-out = { $model } no tiene la calidad que pediste: se ha dejado fuera.
did-vary = { $strength ->
    [strong] Una variación fuerte.
   *[other] Una variación sutil.
}
did-blend = Fundidas en una sola.
did-restore = Caras restauradas.
did-upscale = { $scale } veces más grande.
upscaled-plainly = Por simple remuestreo (Lanczos), porque aquí no hay ningún modelo que amplíe.
did-expand = { $way ->
    [near] Alejada 1,5 veces.
    [far] Alejada 2 veces.
    [left] Ampliada hacia la izquierda.
    [right] Ampliada hacia la derecha.
    [up] Ampliada hacia arriba.
    [down] Ampliada hacia abajo.
   *[other] Ampliada a { $way }.
}
did-region = Una parte dibujada de nuevo, el resto como estaba.
did-region-words = Dibujado de nuevo donde dicen tus palabras; el resto también puede haber cambiado. Una máscara o un recuadro lo conserva tal cual.
did-background-remove = Fondo quitado.
did-background-replace = Fondo sustituido.
did-describe = Lo que podría haber dado esta imagen. Pulsa un número para dibujarlo:
did-enhance = Una descripción mejor. No se dibuja nada hasta que pulses el botón:
made-text = { $number }. { $text }
palette-line = { $hex }  { $name }  { $share }  { $rgb }  { $hsl }
original = { $count ->
    [one] El archivo con toda su calidad:
   *[other] Los { $count } archivos con toda su calidad:
}
original-link = Este archivo es demasiado grande para el chat. Descárgalo aquí en menos de 15 minutos: { $url }
original-too-large = Este archivo es demasiado grande para el chat. El operador puede ofrecer enlaces a archivos así configurando PUBLIC_URL.
deleted = Borrado.

## Botones
button-again = Otra vez
button-edit-result = Editar
button-edit-result-numbered = Editar { $position }
button-take-one = Tomar
button-take-one-numbered = U{ $position }
button-vary-subtle = Variar (poco)
button-vary-strong = Variar (mucho)
button-vary-strong-numbered = V{ $position }
button-imagine-text = Dibujar
button-imagine-text-numbered = Dibujar { $position }
button-info = Datos
button-upscale-2x = Ampliar 2×
button-upscale-4x = Ampliar 4×
button-zoom-out = Alejar
button-pan-left = ←
button-pan-right = →
button-pan-up = ↑
button-pan-down = ↓
button-background-remove = Quitar el fondo
button-original = Original
button-delete = Borrar
button-cancel = Cancelar
button-login = Abrir mi página
button-keys-add = Añadir una clave
button-keys-test = Probar { $vendor }
button-keys-remove = Quitar { $vendor }
button-keys-page = Poner una clave en la página
button-portrait = Dibujar un retrato
button-persona-yes = Acepto
button-persona-no = No
button-persona-show = Mostrar
button-persona-remove = Quitar
button-settings = Olvidar estos ajustes
button-styles = Todos los estilos
button-styles-mine = Los tuyos
button-styles-community = De esta comunidad
button-link-yes = Sí, es mía
button-link-no = No
button-approve = Aprobar
button-refuse = Rechazar
button-buy = Comprar créditos
button-subscribe = Suscribirme
button-pay = Ir al pago
button-billing = Abrir mi facturación

## Créditos
balance = Tienes { $free ->
    [one] 1 crédito
   *[other] { $free } créditos
}{ $held ->
    [0] .
    [one] , y 1 reservado para trabajos en curso.
   *[other] , y { $held } reservados para trabajos en curso.
}
gift-given = { $amount ->
    [one] { $amount } crédito regalado
   *[other] { $amount } créditos regalados
} a { $name }. Te quedan { $left } para regalar.
redeemed = El código vale { $amount ->
    [one] { $amount } crédito
   *[other] { $amount } créditos
}. Ahora tienes { $free }.
not-enough-credits-buy = Necesitas { $needs ->
    [one] 1 crédito
   *[other] { $needs } créditos
} y tienes { $has }. No se ha empezado nada. Pide menos imágenes o un modelo más barato, o consigue más créditos.
not-enough-credits = Necesitas { $needs ->
    [one] 1 crédito
   *[other] { $needs } créditos
} y tienes { $has }. No se ha empezado nada. Pide menos imágenes o un modelo más barato, o pide créditos al operador.

## Moderación
granted = { $name } recibe { $amount ->
    [one] { $amount } crédito
   *[other] { $amount } créditos
}. Motivo: { $reason } (concesión { $number })
grant-waits = { $amount } créditos para { $name }. Motivo: { $reason }. Más de { $limit } a la vez necesitan un segundo moderador: pulsa Aprobar o Rechazar.
grant-refused = La concesión de { $amount } créditos a { $name } fue rechazada.
revoked = { $amount ->
    [one] { $amount } crédito
   *[other] { $amount } créditos
} de la concesión { $number } a { $name }: de vuelta al fondo.
pool-open = El fondo tiene { $free } créditos y está abierto: se llena cuando concedes más.
pool-funded = El fondo tiene { $free } créditos. Solo el operador añade más.
pool-here = Lo que se concede aquí vale solo en esta comunidad.
pool-anywhere = Lo que se concede aquí vale en todas partes.
pool-limits = Al día: { $moderator } créditos por moderador, { $recipient } por persona. Más de { $alone } a la vez necesitan un segundo moderador.
pool-today = Concedido hoy: { $amount }
pool-line = { $actor }: { $amount }
audit-empty = Aquí no hay nada.
audit-line = { $number }. { $when } { $actor } { $verb ->
    [ask] pidió
    [approve] aprobó
    [refuse] rechazó
    [revoke] retiró
   *[other] concedió
} { $amount } para { $target }: { $reason }
audit-line-pool = { $number }. { $when } { $actor } { $verb ->
    [fund] añadió al fondo
   *[other] movió
} { $amount }: { $reason }
audit-more = Más antiguo: /audit { $before }

## Cola
queue-empty = No tienes trabajos en espera ni en curso.
queue-title = { $count ->
    [one] Un trabajo:
   *[other] { $count } trabajos:
}
queue-line = { $place }. { $operation } ({ $state ->
    [running] en curso
   *[other] en espera
}) { $words }

## Ayuda e información
help-title = Lo que puedes hacer aquí:
help-operation = /{ $command }: { $summary } ({ $credits ->
    [0] gratis
    [one] 1 crédito por imagen
   *[other] { $credits } créditos por imagen
})
help-operation-from = /{ $command }: { $summary } (desde { $credits ->
    [one] 1 crédito
   *[other] { $credits } créditos
} por imagen)
help-operation-off = /{ $command }: { $summary } (no disponible: no hay ningún proveedor configurado)
help-queue = /queue: tus trabajos en espera o en curso
help-cancel = /cancel: detener tu último trabajo, o todos
help-balance = /balance: tus créditos
help-gallery = /gallery: todas tus imágenes: favoritas, borrar o descargar varias de una vez
help-history = /history: de dónde vienen tus créditos y adónde fueron
help-gift = /gift: regalar créditos comprados
help-redeem = /redeem: los créditos de un código
help-buy = /buy: créditos, /plans y /subscribe: planes, /billing: recibos
help-keys = /keys: tus propias claves de proveedores de imágenes
help-persona = /persona: fotos tuyas, guardadas para retratos
help-settings = /settings: tu modelo, formato, número de imágenes y estilo habituales, tu idioma y quién ve tus resultados
help-styles = /styles: estilos para tus imágenes, y los tuyos
help-login = /login: un enlace a tu página en el navegador
help-models = /models: qué puede dibujar aquí, para qué es bueno y cuánto cuesta
help-info = /info: versión y límites
help-moderators = Para moderadores: /grant, /revoke, /pool, /audit
help-tip-web = Escribe / para ver las opciones de una orden, o suelta una imagen en la página. Los botones bajo un resultado siguen funcionando.
help-tip-discord = Haz clic derecho en un mensaje con una imagen y luego en Aplicaciones para editarla o sacar sus colores. Los botones bajo un resultado siguen funcionando.
help-tip-telegram = Las opciones van detrás de las palabras: /imagine un zorro --ratio 16:9 --count 2. Envía una imagen con una orden como pie, o responde a una imagen con una orden.
info-title = Atelier { $version }, un estudio de imágenes para el chat.
info-model = { $model }: { $title }, { $credits ->
    [0] gratis
    [one] 1 crédito por imagen
   *[other] { $credits } créditos por imagen
}
info-limits = Por persona, hasta { $running } trabajos a la vez y { $queued } más en espera.
info-made = Hecho el { $when } (UTC)
info-pictures = { $count ->
    [one] Con una imagen, que hay que adjuntar de nuevo.
   *[other] Con { $count } imágenes, que hay que adjuntar de nuevo.
}
info-parent = { $step ->
    [1] Viene de: { $line }
   *[other] Y esa de: { $line }
}
models-title = Modelos para /{ $operation }:
models-none = Nada aquí puede hacer /{ $operation } en este momento.
models-suggestion = { $operation }
models-line = { $model }: { $title }, { $payer ->
    [key] con tu propia clave{ $credits ->
        [0] {""}
        [one] {", "}1 crédito por imagen
       *[other] {", "}{ $credits } créditos por imagen
    }
   *[credits] { $credits ->
        [0] gratis
        [one] 1 crédito por imagen
       *[other] { $credits } créditos por imagen
    }
}{ $good ->
    [none] {""}
   *[other] . Bueno para: { $good }
}{ $ends ->
    [none] {""}
   *[other] . Hasta { $ends }
}

## Estilos
styles-title = Estilos: uno de estos nombres va en la opción style de /imagine.
styles-shipped = Para todos: { $names }{ $more ->
    [0] {""}
   *[other] {" "}y { $more } más
}
styles-mine = Tuyos: { $names }{ $more ->
    [0] {""}
   *[other] {" "}y { $more } más
}
styles-community = De esta comunidad: { $names }{ $more ->
    [0] {""}
   *[other] {" "}y { $more } más
}
styles-add-how = Guarda uno tuyo: /styles con do add, un nombre y las palabras que añade a una descripción.
styles-title-mine = Tus estilos:
styles-title-community = Los estilos de esta comunidad:
styles-none-mine = Todavía no tienes estilos propios. Guarda uno: /styles con do add, un nombre y las palabras que añade a una descripción.
styles-none-community = Esta comunidad todavía no tiene estilos propios. Sus moderadores pueden guardarlos: /styles con do add y whose community.
style-line = { $style }: { $words }
style-negative = Se deja fuera: { $words }
style-is-mine = Es tuyo.
style-is-community = Es de esta comunidad.
style-is-shipped = Lo tienen todos.
style-added = { $replaced ->
    [yes] El estilo { $style } tiene ahora otras palabras.
   *[no] El estilo { $style } está guardado{ $whose ->
        [community] {" "}para esta comunidad
       *[mine] {""}
    }.
}
style-removed = El estilo { $style } está olvidado.
style-suggestion = { $style }: { $title }
made-in-style = En el estilo { $style }.

## Ajustes
settings-title = Lo que vale cuando no dices otra cosa:
settings-kept = Guardado. Lo que vale cuando no dices otra cosa:
settings-reset = Todo olvidado. Lo que vale cuando no dices otra cosa:
settings-model = Modelo: { $model ->
    [none] el primero que pueda hacerlo
   *[other] { $model }
}
settings-ratio = Formato: { $ratio ->
    [none] el habitual
   *[other] { $ratio }
}
settings-count = { $count ->
    [0] Imágenes cada vez: las habituales
    [one] Imágenes cada vez: { $count }
   *[other] Imágenes cada vez: { $count }
}
settings-style = Estilo: { $style ->
    [none] ninguno
   *[other] { $style }
}
settings-answers = { $answers ->
    [private] Resultados donde otros leen: solo para ti
   *[public] Resultados donde otros leen: a la vista de todos
}
settings-language = { $language ->
    [auto] Idioma: el de la aplicación con la que escribes
    [en] Idioma: inglés
    [es] Idioma: español
    [fr] Idioma: francés
   *[other] Idioma: { $language }
}
settings-suggestion = { $ratio }

## La página
login = Aquí está tu página. El enlace funciona una sola vez, durante { $minutes } minutos; no lo compartas: quien lo abra serás tú.
login-already = Ya has entrado: esta es tu página.
login-no-page = La página de este Atelier solo se alcanza desde la máquina del operador. El operador puede abrirla configurando PUBLIC_URL.
login-over = Este enlace ya se ha usado o ha caducado. Pide otro al bot con /login.
login-needed = Esta página es para quienes vienen del chat. Envía /login al bot en Discord o Telegram y abre el enlace que te dé.

## Lo que puede ir mal con una orden
command-unknown = No existe la orden /{ $command }. /help muestra lo que hay.
button-unknown = Este botón pertenece a algo que ya no existe.
option-unknown = No existe la opción { $option }. Opciones posibles: { $known }.
option-missing = Falta { $option }. Añádelo detrás de la orden e inténtalo de nuevo.
option-not-number = { $option } debe ser un número entero, no «{ $value }».
option-not-decimal = { $option } debe ser un número, no «{ $value }».
option-out-of-range = { $option } debe ir de { $min } a { $max }, no { $value }.
option-not-choice = Valores posibles de { $option }: { $choices }. «{ $value }» no es uno de ellos.
option-too-long = { $option } es demasiado largo: { $length } caracteres, { $max } como máximo. Acórtalo e inténtalo de nuevo.
option-control-characters = { $option } tiene caracteres que no se pueden usar. Escríbelo de nuevo.
option-not-image = { $option } debe ser una imagen. Adjunta una e inténtalo de nuevo.
image-missing = Falta una imagen. Adjunta una, o responde a una, e inténtalo de nuevo.
illustrate-of-nothing = Di de qué se trata: un título, una descripción o tu propio texto.
expand-nothing = La imagen ya tiene la proporción { $ratio }. Elige otra, o una forma de alejar o ampliar.
region-where = Di una sola vez dónde dibujar: una segunda imagen como máscara, un lugar en palabras o un recuadro.
region-box = Un recuadro son cuatro números en tanto por ciento, izquierda, arriba, derecha y abajo, como 10, 20, 60, 80; no «{ $value }».
background-one = Elige una sola cosa entre color, imagen y palabras para el nuevo fondo.
option-not-colour = { $option } debe ser un color, como white o #ffcc00, no «{ $value }».
already-being-made = Esto ya se está haciendo. Aparecerá en su propio mensaje.
too-few-images = Este comando necesita al menos { $min } imágenes. Envíalas juntas e inténtalo de nuevo.
too-many-images = { $max ->
    [0] Esta orden no admite imágenes.
    [one] Esta orden admite una sola imagen. Envía solo una.
   *[other] Esta orden admite hasta { $max } imágenes. Envía menos.
}
model-unknown = Aquí no hay ningún modelo «{ $model }». Modelos posibles: { $known }{ $more ->
    [0] .
   *[other] {" "}y { $more } más: /models { $operation }.
}
model-not-for = «{ $model }» no puede hacer /{ $operation }. Modelos posibles: { $known }{ $more ->
    [0] .
   *[other] {" "}y { $more } más: /models { $operation }.
}
model-references = { $model } admite { $max ->
    [0] cero imágenes
    [one] una sola imagen
   *[other] hasta { $max } imágenes
}. Usa menos, u otro modelo.
model-references-few = { $model } necesita { $min ->
    [one] una imagen
   *[other] al menos { $min } imágenes
 } de referencia.
model-ratio = { $model } solo dibuja en { $choices }.
model-count = { $model } hace { $max ->
    [one] una sola imagen
   *[other] hasta { $max } imágenes
} a la vez.
styles-no-community = Eso es para servidores y grupos. Aquí no hay ninguno.
styles-too-many = Hay sitio para { $max } estilos. Quita uno antes: /styles con do remove.
style-name = El nombre de un estilo tiene letras, cifras y guiones, { $max } como mucho.
style-none = No hay ningún estilo «{ $style }» que quitar ahí. /styles muestra los que hay.
style-unknown = No hay ningún estilo «{ $style }». /styles muestra los que hay.
style-unknown-like = No hay ningún estilo «{ $style }». Nombres parecidos: { $like }. /styles los muestra todos.
no-provider = Aquí nada puede hacer { $operation } por ahora: no hay ningún proveedor configurado. Avisa al operador.
no-own-key = Pagas solo con tus propias claves y ninguna puede hacer { $operation }. Añade una o elige otra cosa: /keys.
no-own-key-model = Pagas solo con tus propias claves y ninguna es para «{ $model }». Añade una o elige otra cosa: /keys.
own-key-off = Tu propia clave de { $vendor } está desactivada y no has permitido que los créditos paguen en su lugar. No se ha empezado nada. Pruébala, pon otra o elige otra cosa: /keys.
own-key-jobs-over = Has empezado { $max } trabajos con tus propias claves este mes, lo máximo del plan { $plan }. Mira /plans o paga con créditos: /keys. No se ha cobrado nada.
too-many-jobs = Ya tienes { $max } trabajos en espera o en curso. Espera a que acabe uno, o detén uno con /cancel. No se ha cobrado nada.
too-many-an-hour = Has empezado { $max } trabajos de { $operation } en la última hora, el máximo del plan { $plan }. Inténtalo más tarde, o mira /plans. No se ha cobrado nada.
paid-jobs-stopped = Las cuentas de los créditos no cuadran aquí. El operador está avisado; hasta que se arreglen solo funciona lo que es gratis. No se ha cobrado nada.
not-yours = Esto es de otra persona. Solo ella puede hacerlo.
job-gone = Este resultado ya no existe.
job-ended = Este trabajo ya ha terminado.
job-running = Este trabajo sigue en curso. Detenlo primero.
operation-gone = { $operation } ya no se ofrece.
model-gone = El modelo { $model } ya no se ofrece. No se cobra nada. Inténtalo con otro.
internal-error = Algo ha fallado por nuestra parte. Solo pagas las imágenes que se hicieron. Inténtalo de nuevo; si persiste, da este número al operador: { $reference }.
option-not-person = { $option } debe ser una persona: elígela, nómbrala o responde a un mensaje suyo.
person-unknown = No he visto a { $person } aquí. Nombra a alguien que me haya escrito, o responde a un mensaje suyo.
moderators-only = Solo los moderadores de esta comunidad pueden hacer eso.
moderators-elsewhere = Eso es para moderadores, en su propio servidor o grupo. Aquí no hay ninguno.
target-bot = Los bots y los webhooks no pueden tener créditos. Elige a una persona.
target-self = No puedes concederte créditos a ti. Pídeselo a otro moderador.
gift-self = No puedes regalarte créditos a ti.
gift-too-much = Puedes regalar { $has } créditos, no { $needs }: solo se regala lo comprado, y lo reservado para tareas debe quedarse.
grant-moderator-limit = Un moderador puede conceder { $max } créditos al día. Hoy te quedan { $left }.
grant-recipient-limit = Una persona puede recibir { $max } créditos al día. Hoy le quedan { $left }.
grant-anonymous = Más de { $limit } créditos a la vez necesitan dos moderadores que se puedan distinguir. Desactiva «Permanecer anónimo» e inténtalo de nuevo.
grant-anonymous-to-moderator = Escribes como el grupo y no puedo saber si no es para ti: es para un administrador. Desactiva «Permanecer anónimo» e inténtalo de nuevo.
grant-own = Otro moderador debe aprobarlo: lo pediste tú.
grant-for-oneself = Otro moderador debe aprobarlo: es para ti.
grant-decided = Esto ya está decidido.
grant-gone = No hay ninguna concesión así pendiente en esta comunidad.
grant-unknown = No hay concesión { $number } en esta comunidad. /audit las muestra.
revoke-nothing = No queda nada de la concesión { $number }: está gastada, reservada para una tarea o retirada.
pool-too-small = El fondo de esta comunidad tiene { $has } créditos, no { $needs }. Pide al operador que añada más.
coupon-unknown = Ese código no existe. Compruébalo e inténtalo de nuevo.
coupon-used = Ya has usado este código.
coupon-over = Este código está agotado o ha caducado.
coupon-pool-empty = No quedan créditos para códigos. Díselo al operador; el código sigue siendo válido.
coupon-too-often = Demasiados códigos erróneos. Inténtalo de nuevo en { $minutes } minutos.

## Lo que puede ir mal con un trabajo
job-crashes = Este trabajo ha fallado varias veces y se ha abandonado. No se cobra nada. Prueba con otras palabras u otra imagen.
storage-failed = No se han podido guardar las imágenes. No se cobra nada. Avisa al operador.
provider-bad-key = { $model } no ha aceptado la clave del operador. No se cobra nada. Avisa al operador, o elige otro modelo.
provider-no-funds = { $model } se ha quedado sin fondos. No se cobra nada. Avisa al operador, o elige otro modelo.
provider-rate-limited = { $model } tiene demasiado trabajo ahora mismo. No se cobra nada. Inténtalo dentro de un minuto, o elige otro modelo.
provider-refused = { $model } lo ha rechazado por sus normas de contenido. No se cobra nada. Cambia las palabras o la imagen.
moderation-flagged = La moderación de aquí ha marcado esto ({ $categories }), así que no se ha pedido a ningún proveedor. No se cobra nada. Cambia las palabras o la imagen.
moderation-away = La moderación que mira cada petición aquí no está accesible. No se cobra nada. Inténtalo más tarde.
provider-bad-input = { $model } no ha podido con esta petición. No se cobra nada. Cambia las palabras o la imagen, o elige otro modelo.
provider-model-gone = { $model } ya no lo ofrece su proveedor. No se cobra nada. Elige otro modelo.
provider-unavailable = { $model } no está accesible por ahora. No se cobra nada. Inténtalo más tarde, o elige otro modelo.
provider-unknown = { $model }: su respuesta no llegó. No se cobra nada. Inténtalo más tarde, o elige otro modelo.
provider-no-picture = { $model } ha devuelto algo que no es una imagen utilizable. No se cobra nada. Inténtalo de nuevo.
own-key-bad = { $vendor } no aceptó tu propia clave; está desactivada. Ningún crédito usado. Pon otra: /keys.
own-key-no-funds = Tu propia cuenta en { $vendor } no tiene fondos. Ningún crédito usado. Recárgala allí o paga con créditos: /keys.
own-key-rate-limited = { $vendor } no admite más de tu propia clave por ahora. Ningún crédito usado. Inténtalo en un minuto.
own-key-unknown = { $model }: su respuesta no llegó. Ningún crédito usado, pero tu propia cuenta puede haber sido cobrada, así que no se repitió. Compruébalo allí y vuelve a intentarlo.
own-key-no-picture = { $model } ha devuelto algo que no es una imagen utilizable. Ningún crédito usado, pero tu propia cuenta puede haber sido cobrada.

## Telegram
telegram-question = { $what }: responde a este mensaje.
telegram-told-privately = Te he escrito en privado.
telegram-write-me = Esta respuesta es solo para ti. Abre nuestro chat privado, pulsa Iniciar y te la daré allí.
button-telegram-open = Abrir el chat privado
telegram-picture-alone = Bonita imagen. Respóndele con una orden y me pondré a ello: /edit que sea de noche, /palette, o /imagine un cartel con este estilo. La próxima vez, la orden puede ir en el pie.
telegram-words-alone = Empieza con una orden y dibujaré: /imagine un zorro rojo en la nieve. /help lo muestra todo.
telegram-anonymous = Escribes en nombre del grupo, así que no puedo saber quién eres. Desactiva «Permanecer anónimo», o escríbeme en privado.
telegram-anonymous-private = Esta respuesta es para un solo moderador, y escribes como el grupo. Desactiva «Permanecer anónimo» un momento y pregunta otra vez.
telegram-unsure = Telegram no me dice si administras este grupo. Inténtalo de nuevo en un momento.
image-not-fetched = No se ha podido obtener la imagen del chat. Envíala de nuevo.

## La página en el navegador
page-title = Atelier
page-hero = ¿Qué creamos?
page-hero-hint = Dilo con tus palabras, escribe / para todo lo demás, o suelta aquí una imagen.
page-placeholder = Describe una imagen, o escribe /
page-input = Tus palabras
page-send = Enviar
page-attach = Añadir imágenes
page-drop = Suelta aquí tus imágenes
page-remove = Quitar { $name }
page-earlier = Anteriores
page-latest = Volver a lo último
page-sign-out = Salir
page-menu = Órdenes y opciones
page-needed = necesario
page-range = de { $min } a { $max }
page-sending = Enviando …
page-not-sent = No se ha podido enviar. Tus palabras siguen aquí: inténtalo de nuevo.
page-lost = Conectando de nuevo …
page-close = Cerrar
page-picture = Imagen { $position }
page-preview = Un primer vistazo
page-dismiss = Quitar este mensaje
page-download = Descargar { $name }
page-stale = Esta página se ha quedado vieja. Vuelve a cargarla y repítelo.
page-elsewhere = Esta petición venía de otro sitio web y no se ha ejecutado.
page-host = Este Atelier solo responde en esta máquina, como localhost o 127.0.0.1.
page-too-large = Es demasiado de una vez: como máximo { $files } archivos y { $max_mb } MB en total.
page-busy = Hay demasiadas páginas abiertas a la vez. Cierra una, o inténtalo dentro de un minuto.
page-refused = No se ha podido entender esta petición. Vuelve a la página e inténtalo de nuevo.
page-not-found = Aquí no hay nada.
page-back = Ir a la página
page-paid = Pagado, gracias. Vuelve al chat: tu compra estará ahí en un momento.
page-not-paid = No se ha pagado nada. Vuelve al chat para elegir de nuevo.
page-file-over = Este enlace ha caducado o está incompleto. Pide el archivo de nuevo.
page-login-often = Demasiados enlaces que no funcionan. Espera un minuto e inténtalo de nuevo.
page-example-1 = /imagine un zorro rojo en la nieve --ratio 16:9
page-example-2 = /imagine un faro al anochecer, collage de papel --count 4
page-example-3 = /help

## Lo que puede ir mal con una imagen
image-empty = El archivo está vacío. Envía la imagen de nuevo.
image-too-many-bytes = La imagen ocupa { $size_mb } MB; el máximo es { $max_mb } MB. Guárdala más pequeña, por ejemplo como JPEG.
image-too-large = La imagen tiene { $width } × { $height } píxeles; el máximo es { $side_max } por lado y { $pixels_max_mp } megapíxeles en total. Redúcela y envíala de nuevo.
image-not-a-picture = Este archivo no es una imagen que se pueda leer aquí. Envía uno de estos formatos: { $formats }.
image-broken = La imagen está dañada o incompleta. Ábrela, guárdala de nuevo y envía el archivo nuevo.
image-too-heavy = Abrir esta imagen requiere demasiada memoria o tiempo. Guárdala más pequeña, o como simple JPEG o PNG.
upscale-too-large = Ampliada, la imagen tendría { $width } × { $height } píxeles; el máximo es { $side_max } por lado y { $pixels_max_mp } megapíxeles en total. Elige un factor menor, o una imagen más pequeña.
denoise-too-large = La imagen tiene { $width } × { $height } píxeles; el ruido solo se puede quitar hasta { $pixels_max_mp } megapíxeles. Envía una imagen más pequeña, o deja el ruido.
mask-empty = No hay nada marcado. Pinta sobre el lugar que debe cambiar y envíala de nuevo.
mask-everything = Está todo marcado, así que no quedaría nada. Marca solo el lugar que debe cambiar.
mask-other-shape = La máscara tiene { $mask_width } × { $mask_height } píxeles y la imagen { $width } × { $height }: sus formas no coinciden. Haz la máscara a partir de la imagen entera, sin recortarla.
mask-not-of-picture = La segunda imagen no es ni una máscara ni la primera imagen pintada. Pinta sobre una copia de la primera imagen, o envía una máscara en la que el blanco sea lo que debe cambiar.
cutout-not-cut = Esta imagen no tiene fondo transparente, así que no se puede poner nada detrás. Quítale primero el fondo.
crop-no-face = No encuentro ninguna cara en esta imagen. Pon --focus auto o envía otra.
palette-only-neutral = Aquí solo hay grises, negro y blanco. Añade --neutral yes para verlos.
palette-transparent = La imagen es del todo transparente, así que no tiene colores. Envía otra.
images-busy = Hay demasiadas imágenes en espera. Inténtalo dentro de un minuto.

## Pagos
payment-credited = Pagado, gracias: { $credits ->
    [one] 1 crédito añadido
   *[other] { $credits } créditos añadidos
}, ahora tienes { $left }.
payment-restored = { $credits ->
    [one] Se te ha devuelto 1 crédito
   *[other] Se te han devuelto { $credits } créditos
}, ahora tienes { $left }.
payment-refund = Se ha reembolsado un pago: { $credits ->
    [one] se ha retirado 1 crédito
   *[other] se han retirado { $credits } créditos
}, ahora tienes { $left }.
payment-dispute = Tu banco disputa un pago: hasta que se resuelva, { $credits ->
    [one] se retira su crédito
   *[other] se retiran sus { $credits } créditos
}. Ahora tienes { $left }.
payment-held = Llegó un pago tuyo que no corresponde a lo pedido, así que no se añadió nada. El operador está avisado; escríbele con /paysupport e indica este número: { $id }.
payment-terms = Condiciones: { $operator }
pack-unknown = Aquí no hay ningún paquete «{ $pack }». Paquetes: { $known }.
stars-which = ¿Qué paquete? Se paga con Telegram Stars y los créditos se añaden al momento. Ayuda con un pago: /paysupport
stars-invoice = { $credits ->
    [one] 1 crédito
   *[other] { $credits } créditos
} para este bot, añadidos en cuanto pagues. Solo para ti: nadie más puede pagar esta factura.
stars-sent = Aquí está tu factura.
stars-none = Aquí no se vende nada por Telegram Stars.
stars-unknown = Esta factura no se conoce aquí. No se cobró nada. Pide otra con /stars.
stars-not-yours = Esta factura es de otra persona. No se cobró nada. Pide la tuya con /stars.
stars-old = Esta factura tiene más de un día. No se cobró nada. Pide otra con /stars.
stars-changed = Este paquete ha cambiado desde entonces. No se cobró nada. Pide otra factura con /stars.
stars-paid = Esta factura ya está pagada. No se volvió a cobrar. Para más créditos, pide otra con /stars.
stars-busy = Ahora mismo no se puede comprobar. No se cobró nada. Inténtalo de nuevo en un minuto.
paysupport = Ayuda con un pago: { $operator }
paysupport-operator = Ayuda con un pago: escribe a quien gestiona este bot e indica el número del pago.
paysupport-payments = { $count ->
    [0] Aún no has pagado nada.
    [one] Tu último pago:
   *[other] Tus últimos { $count } pagos:
}
paysupport-payment = { $date } · { $item } · { $credits ->
    [0] sin créditos, o devueltos
    [one] 1 crédito
   *[other] { $credits } créditos
} · { $id }
premium = Créditos vendidos por Discord: elige uno, Discord pide el pago y los créditos se añaden al momento. Ayuda con un pago: /paysupport
premium-none = Aquí no se vende nada por Discord.
till-failed = No se puede contactar con { $till } en este momento. No se ha cobrado nada. Inténtalo de nuevo en unos minutos.

## Los créditos en detalle
balance-expires = { $credits ->
    [one] 1 de ellos caduca
   *[other] { $credits } de ellos caducan
} el { $date } ({ $source ->
    [plan] de tu plan
    [grant] concedidos por la moderación
    [operator] del operador
    [coupon] de un cupón
    [signup] de bienvenida
   *[other] comprados
}).
balance-here = { $credits ->
    [one] 1 crédito más vale
   *[other] { $credits } créditos más valen
} solo en esta comunidad, y aquí se gastan primero.
balance-elsewhere = { $credits ->
    [one] 1 crédito más vale
   *[other] { $credits } créditos más valen
} solo en { $community }.
balance-month = Plan: { $plan }. Usados este mes: { $used }. Tu próximo mes empieza el { $date }.
balance-plan-left = Quedan { $left } de los { $credits } créditos mensuales del plan.
balance-low = Tus créditos han bajado del límite que pusiste. /{ $command } muestra lo que queda.
notify-set = { $below ->
    [0] No se te avisará cuando se acaben tus créditos.
   *[other] Se te avisará una vez cuando tengas menos de { $below } créditos.
}
history-title = Tus últimos movimientos de créditos, del más reciente al más antiguo:
history-further = Más antiguos:
history-empty = Todavía no ha pasado nada con tus créditos.
history-file = Todos los movimientos de tus créditos en un archivo CSV:
history-line = { $date }  { $change }  { $kind ->
    [spend] usados para { $note }
    [signup] de bienvenida
    [grant] concedidos por la moderación: { $note }
    [revoke] una concesión retirada: { $note }
    [operator] del operador { $note }
    [pack] comprados: { $note }
    [plan] los créditos del mes: { $note }
    [gift] un regalo { $note }
    [coupon] un cupón canjeado
    [refund] un pago reembolsado: { $note }
    [dispute] un pago disputado: { $note }
    [restore] devueltos: { $note }
    [expire] caducados
    [link] movidos con una cuenta vinculada
   *[other] { $kind } { $note }
}
button-history = Más antiguos
button-file = Descargar

## La galería
gallery-title = { $show ->
    [favourites] Tus favoritas, primero las más nuevas:
    [operation] Lo que /{ $name } hizo para ti, primero lo más nuevo:
    [persona] Tus imágenes de { $name }, primero las más nuevas:
   *[newest] Tus imágenes, primero las más nuevas:
}
gallery-line = { $place }. { $star ->
    [yes] ★{" "}
   *[no] {""}
}{ $words } ({ $operation }, { $date })
gallery-empty = { $show ->
    [favourites] Todavía no tienes favoritas. Abre una imagen en /gallery y pulsa Favorita.
    [operation] En tu galería no hay nada hecho con /{ $name }.
    [persona] En tu galería no hay imágenes de { $name }.
   *[newest] Tu galería está vacía. Lo que haces llega aquí: empieza con /imagine un zorro rojo en la nieve
}
gallery-files-gone = No se muestran, porque sus archivos ya no existen: { $numbers }
gallery-file-gone = El archivo de esta imagen ya no existe.
gallery-place-gone = De eso ya no queda nada en tu galería. /gallery muestra el resto.
gallery-made = Hecha con /{ $operation }{ $model ->
    [none] {""}
   *[other] , { $model }
} el { $date }. { $width } × { $height } píxeles.
gallery-persona = Persona: { $persona }
gallery-downloads = { $count ->
    [one] Descargada una vez.
   *[other] Descargada { $count } veces.
}
gallery-suggestion = { $name }
gallery-numbers = Di los números de las imágenes de la página, del 1 al { $max }, por ejemplo 1 3 5 o 2-4, o: all (todas). No «{ $value }».
gallery-changed = Tu galería ha cambiado desde que se hizo esta página, así que sus números pueden ser de otras imágenes. No se ha borrado nada. Ábrela de nuevo con /gallery.
gallery-delete-ask = ¿Borrar { $count ->
    [one] esta imagen
   *[other] estas { $count } imágenes
}{ $favourites ->
    [0] {""}
    [one] , una de ellas favorita
   *[other] , { $favourites } de ellas favoritas
}? No se pueden recuperar. No pasa nada mientras no digas que sí.
gallery-delete-left = { $count ->
    [one] Hay 1 más, más antigua: no está entre ellas, porque tantas no pueden borrarse de una vez.
   *[other] Hay { $count } más, más antiguas: no están entre ellas, porque tantas no pueden borrarse de una vez.
}
gallery-question-over = Esta pregunta ya no vale, o no era para ti. /gallery muestra tus imágenes.
gallery-deleted = { $count ->
    [one] 1 imagen borrada.
   *[other] { $count } imágenes borradas.
}
gallery-deleted-before = Estas imágenes ya no existen.
gallery-messages-stay = { $count ->
    [one] Un resultado conserva otras imágenes, así que su mensaje en el chat queda como estaba.
   *[other] { $count } resultados conservan otras imágenes, así que sus mensajes en el chat quedan como estaban.
}
gallery-running-left = { $count ->
    [one] Un trabajo tuyo aún espera o está en marcha y se ha dejado: /cancel lo detiene.
   *[other] { $count } trabajos tuyos aún esperan o están en marcha y se han dejado: /cancel los detiene.
}
gallery-zip = { $count ->
    [one] 1 imagen, y una tabla de cómo se hizo:
   *[other] { $count } imágenes, y una tabla de cómo se hizo cada una:
}
gallery-zip-left = { $count ->
    [one] Falta 1 imagen más antigua, porque este chat no admite un archivo mayor. Ábrela y pulsa Original.
   *[other] Faltan { $count } imágenes más antiguas, porque este chat no admite un archivo mayor. Abre una y pulsa Original.
}
gallery-zip-left-page = { $count ->
    [one] Falta 1 imagen más antigua, porque este chat no admite un archivo mayor. Todo en un archivo: { $url } (/login te deja entrar)
   *[other] Faltan { $count } imágenes más antiguas, porque este chat no admite un archivo mayor. Todo en un archivo: { $url } (/login te deja entrar)
}
gallery-zip-too-large = Incluso la imagen más nueva es por sí sola un archivo demasiado grande para este chat. Abre una y pulsa Original.
gallery-zip-too-large-page = Incluso la imagen más nueva es por sí sola un archivo demasiado grande para este chat. Todo en un archivo: { $url } (/login te deja entrar)
gallery-zip-here = Todas estas imágenes en un archivo, con una tabla de cómo se hizo cada una:
favourite-added = ★ Ya es una de tus favoritas.
favourite-removed = Ya no es una de tus favoritas.
button-gallery = Abrir mi galería
button-gallery-delete = Borrar varias
button-gallery-delete-yes = Sí, borrar
button-gallery-download = Descargar todas
button-open = Abrir
button-open-numbered = Abrir { $position }
button-open-parent = De dónde viene
button-favourite = Favorita
button-favourite-numbered = Favorita { $position }
button-original-numbered = Original { $position }
button-delete-numbered = Borrar { $position }

## La galería en el navegador
gallery-page-title = Galería
gallery-page-newest = Más nuevas
gallery-page-favourites = Favoritas
gallery-page-filter = Qué se muestra
gallery-page-select = Elegir: { $words }
gallery-page-star = Favorita: { $words }
gallery-page-view = Tamaño completo
gallery-page-details = Todo sobre ella
gallery-page-more = Más antiguas
gallery-page-back = Más nuevas
gallery-page-delete = Borrar
gallery-page-zip = Descargar
gallery-page-zip-all = Descargar todas
gallery-page-delete-all = Borrar todas
gallery-page-clear = No elegir ninguna
gallery-page-chosen = Elegidas: { $count }
gallery-page-none = No se había elegido nada.
gallery-page-keep = Conservarlas
gallery-page-parameters = Cómo se hizo
gallery-page-all = Elegir todas
gallery-page-zips = Tus últimas descargas aún no han terminado. Espera a que acabe una e inténtalo de nuevo.
gallery-page-next = Imagen siguiente
gallery-page-previous = Imagen anterior

## Vincular cuentas
link-code = Escribe esto en la otra plataforma en { $minutes } minutos: /link { $code }. Lo que haya allí viene aquí: créditos, plan y resultados. No enseñes el código a nadie.
link-ask = ¿Debe unirse esta cuenta a la de { $account }? { $credits ->
    [one] 1 crédito va
   *[other] { $credits } créditos van
} allí, con el plan, todos los resultados y todas las personas, y los tendrá quien tenga esa cuenta. Di que sí solo si es tuya. Tienes { $minutes } minutos.
link-left = No ha cambiado nada: las dos cuentas siguen como están.
link-over = Esta pregunta ha caducado, o no se te hizo a ti. Envía /link en la otra plataforma para obtener un código nuevo.
link-done = Las dos cuentas son ahora una: { $credits ->
    [one] ha llegado 1 crédito
   *[other] han llegado { $credits } créditos
}, con los resultados y el plan. (Vínculo { $link })
link-bonus = Los créditos de bienvenida se reciben una sola vez: { $credits } han vuelto atrás.
link-code-wrong = Este código no es correcto o ha caducado. Envía /link en la otra plataforma para obtener uno nuevo.
link-same = Ya es una sola cuenta. Escribe el código en la otra plataforma.
link-busy = Un trabajo tuyo aún espera o está en marcha. Deja que termine, o detenlo con /cancel, e inténtalo de nuevo.
link-two-plans = Las dos cuentas tienen un plan de pago. Termina antes uno de ellos con /billing.
link-gone = No existe ese vínculo.
link-newer = Esta cuenta se unió después a otra. Deshaz antes ese vínculo más reciente.

## Plans
plan-subscribed = Esta persona paga el plan { $plan } en { $till }. Tiene que terminar allí antes de que se pueda dar otro.
plan-unknown = No hay ningún plan { $plan }. Planes: { $known }.
stars-pack = { $title }: { $stars } ⭐
plan-credited = Pagado, gracias: tu plan { $item } trae { $credits ->
    [1] 1 crédito
   *[other] { $credits } créditos
} para este mes. Ahora tienes { $left }.
plan-begun = Pagado, gracias: ahora tienes el plan { $item }. /plans muestra lo que trae.
plan-past-due = Tu plan { $item } no se ha podido pagar: la tarjeta fue rechazada. Sigue unos días; /billing lleva a la página donde puedes cambiar de tarjeta.
plan-ended = Tu plan { $item } ha terminado. /plans muestra lo que hay.
payment-failed = El pago de { $item } no ha salido bien. No se ha abonado nada. Inténtalo de nuevo con /buy, quizá de otra forma.
card-refused = La tarjeta fue rechazada, así que no ha cambiado nada. /billing lleva a la página donde puedes usar otra.
shop-closed = Aquí no se vende nada. El operador puede darte créditos.
buy-title = Créditos:
buy-pack = { $place }. { $title }: { $price } (/buy { $item })
buy-link = { $title } por { $price }: paga en la página siguiente. Los créditos llegan solos, y lo diré aquí. El enlace es solo tuyo y vale un día.
subscribe-link = El plan { $title } por { $price } al mes: paga en la página siguiente. Empieza solo, y lo diré aquí. El enlace es solo tuyo y vale un día.
plan-changed = Desde ahora tienes el plan { $title }, por { $price } al mes. Lo que queda de este mes se ajusta enseguida; los créditos llegan por lo que pagas.
plan-lowered = Desde ahora tienes el plan { $title }, por { $price } al mes a partir del próximo mes. Los créditos de este mes siguen siendo tuyos; no se devuelve nada.
plan-already = Ya tienes el plan { $plan }.
plan-on-request = El plan { $plan } es a petición: escribe al operador.
plan-yours = Tu plan: { $title }.
plan-yours-renews = Tu plan: { $title }, hasta el { $until }; después se renueva.
plan-yours-ends = Tu plan: { $title }, hasta el { $until }; después termina.
plan-yours-past-due = Tu plan: { $title }. No se ha podido pagar: cambia de tarjeta con /billing.
plan-line = { $title }: { $sold ->
    [free] gratis
    [request] a petición
   *[other] { $price } al mes
}{ $credits ->
    [0] {""}
    [one] , 1 crédito al mes
   *[other] , { $credits } créditos al mes
}, { $running } trabajos a la vez y { $queued } en espera.
billing = Tus recibos, tu tarjeta y tu suscripción están en esta página. El enlace es solo tuyo.
billing-none = Todavía no has comprado nada. /buy muestra lo que hay.
payment-unknown = No hay ningún pago { $payment } aquí, o su caja no está configurada.
offer = { $title }: { $price }

## Claves propias
key-malformed = Esto no parece una clave de { $vendor }: letras, cifras y signos sin espacios, de 12 a 512. No se guardó nada.
key-refused = { $vendor } no acepta esta clave. Comprueba que está entera y sigue siendo válida allí, o crea una nueva.
key-not-tried = No se pudo preguntar a { $vendor } si esta clave es buena, así que nada cambió. Inténtalo de nuevo dentro de un rato.
keys-too-many = Tu plan { $limit ->
    [0] no permite claves propias
    [one] permite una clave propia
   *[other] permite { $limit } claves propias
}. /plans muestra lo que permiten otros; /keys remove hace sitio.
keys-unreadable = Tus claves ya no se pueden abrir aquí: la clave maestra de este lugar es otra. Avisa al operador. Para seguir sin esperar, quita tus claves y ponlas de nuevo.
key-none = No tienes ninguna clave para { $vendor } aquí.
key-off = Tu clave para { $vendor } está desactivada. /keys test la prueba de nuevo.
key-ticket-over = Este enlace terminó, o ya se usó. Pide uno nuevo con /keys add.
key-switched-off = Tu clave para { $vendor } que termina en { $last4 } está desactivada: { $reason ->
    [bad-key] { $vendor } ya no la acepta
   *[other] no se pudo usar
}. /keys add toma una nueva, /keys test prueba esta de nuevo.
keys-vendor = { $vendor }
keys-nowhere = Aquí nadie acepta claves propias: ninguno de los proveedores de imágenes de este Atelier.
keys-none = No tienes claves propias aquí. Con una, su proveedor te cobra directamente tus imágenes, y no cuestan créditos. Proveedores: { $vendors }. /keys add toma una.
keys-none-yet = No tienes claves propias aquí. /keys add toma una.
keys-which = ¿Cuál?
key-line = { $vendor }, clave que termina en { $last4 }: { $state ->
    [active] funciona
   *[off] desactivada, { $reason ->
        [bad-key] { $vendor } ya no la acepta
       *[other] no se pudo usar
    }
}. Último éxito: { $date }. { $used ->
    [0] Sin usar este mes.
    [one] Usada una vez este mes.
   *[other] Usada { $used } veces este mes.
}
keys-prefer = { $prefer ->
    [credits] Primero pagan los créditos, y tu clave donde no alcanzan.
    [only] Solo pagan tus claves, nunca tus créditos.
   *[own] { $fallback ->
        [yes] Primero paga tu clave, y tus créditos donde ella no puede.
       *[no] Primero paga tu clave; donde no puede, tus créditos no la sustituyen.
    }
} Para cambiarlo: /keys prefer
keys-prefer-how = «own»: primero tu clave. «credits»: primero los créditos. «only»: nunca créditos. Con «fallback yes», los créditos pueden pagar donde tu clave no puede.
keys-add-window = Elige de quién es la clave: se abre una ventana para ella, que nadie más ve. Nunca escribas una clave en el chat.
keys-add-link = Pon la clave en esta página, nunca en el chat. El enlace sirve para una clave, durante { $minutes } minutos; no lo compartas: quien lo abra pone una clave en tu cuenta.
keys-add-here = Las claves se ponen en una página aparte, nunca aquí.
keys-no-page = Las claves se ponen en la página, que aquí solo se alcanza desde la máquina del operador. El operador puede abrirla poniendo en PUBLIC_URL una dirección https.
keys-page-not-safe = No se pueden poner claves en la página de este Atelier: se llega a ella sin https, y otros podrían leerlas por el camino. El operador tiene que poner en PUBLIC_URL una dirección https.
key-added = Tu clave para { $vendor } que termina en { $last4 } funciona y queda guardada, sellada{ $replaced ->
    [yes] , en lugar de la anterior
   *[no] {""}
}.
key-works = Tu clave para { $vendor } funciona.
key-models = Puede usar allí { $count ->
    [0] ningún modelo
    [one] un modelo
   *[other] { $count } modelos
}.
key-funds = Queda en { $vendor }: { $funds }
key-no-funds = No queda dinero en { $vendor }: añade allí, o no hará imágenes.
key-removed = Tu clave para { $vendor } queda olvidada aquí. En { $vendor } sigue existiendo: si nada más la usa, revócala allí.
key-pasted = En lo que escribiste había una clave de { $vendor }. No se usó, no se cobró nada y no se guardó nada de ella. Pero ha estado en un chat: revócala en { $url }, crea allí una nueva y ponla con /keys add.
key-pasted-deleted = He borrado tu mensaje.
key-pasted-stands = No he podido borrar tu mensaje: bórralo tú.

## La página donde se pone una clave
keys-page-title = Tu propia clave
keys-page-lead = La usará { $account }: las imágenes hechas con ella se pagan al proveedor, y las pagas tú. Si no eres tú, no pongas nada aquí.
keys-page-whose = ¿De quién es la clave?
keys-page-get = Conseguir una clave
keys-page-key = La clave
keys-page-send = Probarla y guardarla
keys-page-kept = Se prueba una vez, sin coste, y después se guarda sellada (cifrada) y se abre para una imagen cada vez. Nadie puede volver a verla, tú tampoco. /keys remove la olvida.
keys-page-once = Este enlace sirve para una clave. Si una clave no es correcta, corrígela aquí.
keys-too-often = Se han probado demasiadas claves. Espera un minuto e inténtalo de nuevo.
keys-page-done = Hecho
keys-page-close = Ya puedes cerrar esta página. /keys muestra tus claves.

## Personas
persona-ask = «{ $persona }», { $count ->
    [one] una foto
   *[other] { $count } fotos
}: no se guarda nada antes de que aceptes.
persona-ask-use = Con tu sí se examinan aquí, en busca de una cara que se vea bien, y se guardan hasta que las quites con /persona remove { $persona }. Para cada retrato que pidas se envían al proveedor de imágenes que lo dibuja.
persona-ask-moderated = Antes de que dibuje, también se muestran a la moderación que el operador ha elegido.
persona-ask-whose = Deben mostrarte a ti, o a alguien que lo haya aceptado. Ningún otro usuario las ve ni las usa; están en el almacenamiento de quien lleva este Atelier.
persona-ask-keep = «No» las borra enseguida. Sin respuesta en { $minutes } minutos también se borran.
persona-ready = «{ $persona }» está lista, con { $count ->
    [one] una foto
   *[other] { $count } fotos
}.
persona-failed = «{ $persona }» no se puede usar: no todas las fotos sirven, y no se guardó ninguna.
persona-checking = «{ $persona }» se está examinando. Pregunta de nuevo en un momento.
persona-photo = Foto { $position }: { $reason ->
    [no-face] no se encuentra ninguna cara. Usa una que muestre la cara de frente, con buena luz.
    [several-faces] hay varias caras. Usa una de una sola persona.
    [too-small] es demasiado pequeña, o lo es la cara. Acércate, o envía una imagen más grande.
    [too-blurred] está borrosa. Usa una nítida.
    [gone] su archivo ya no está. Envíala de nuevo.
   *[other] no se puede leer. Guárdala de nuevo como JPEG o PNG.
}
persona-again = Envíalas todas de nuevo, con otras mejores en su lugar: /persona create { $persona }
persona-line = { $persona }: { $state ->
    [ready] lista, { $count ->
        [one] una foto
       *[other] { $count } fotos
    }
    [failed] no se puede usar, sus fotos no servían
    [asked] espera tu sí
   *[checking] se está examinando
}
persona-name = { $persona }
persona-which = ¿Cuál?
personas-none = Aún no tienes personas. Envía de 1 a { $max } fotos de alguien con /persona create y un nombre.
persona-refused = Las fotos están borradas, no se guardó nada.
persona-removed = «{ $persona }» está quitada y sus fotos están borradas.
persona-unknown = No tienes ninguna persona «{ $persona }». /persona muestra las tuyas.
persona-over = Esto terminó: nadie aceptó a tiempo, o se quitó. /persona muestra lo que tienes.
persona-agreed = Ya aceptaste. Para borrar las fotos: /persona remove { $persona }
persona-name-taken = Ya tienes una persona «{ $persona }». Elige otro nombre, o quita antes esa: /persona remove { $persona }
personas-too-many = Tienes { $limit } personas, las más que puede haber. Quita antes una: /persona remove
persona-not-ready = «{ $persona }» aún no se puede usar: { $state ->
    [asked] no has aceptado sus fotos
    [checking] sus fotos se están examinando
   *[failed] sus fotos no servían
}. No se ha cobrado nada. Mira /persona show { $persona }
persona-not-checked = Las fotos no se pueden examinar ahora. Pulsa de nuevo en un minuto.
persona-draw = Dibújala con /portrait { $persona }, o con el botón.
persona-gone = La persona «{ $persona }» se quitó, así que no se puede dibujar. No se cobra nada.
did-portrait = Un retrato a partir de { $photos ->
    [one] una foto
   *[other] { $photos } fotos
}.
